// SPDX-License-Identifier: MIT
// The names that safetensors has for element types. Constants; any thread.
#pragma once

#include <c10/core/ScalarType.h>

#include <array>

namespace depthscope::io {

struct SafetensorsDtype {
    const char* name;
    at::ScalarType dtype;
};

inline constexpr std::array<SafetensorsDtype, 10> kSafetensorsDtypes{{
    {"F64", at::ScalarType::Double},
    {"F32", at::ScalarType::Float},
    {"F16", at::ScalarType::Half},
    {"BF16", at::ScalarType::BFloat16},
    {"I64", at::ScalarType::Long},
    {"I32", at::ScalarType::Int},
    {"I16", at::ScalarType::Short},
    {"I8", at::ScalarType::Char},
    {"U8", at::ScalarType::Byte},
    {"BOOL", at::ScalarType::Bool},
}};

} // namespace depthscope::io
