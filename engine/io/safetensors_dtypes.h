// SPDX-License-Identifier: MIT
// The names that safetensors has for element types. Constants; any thread.
#pragma once

#include <c10/core/ScalarType.h>

#include <array>
#include <cstdint>

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

/// Types of the format that LibTorch tensors here do not have.
struct UnreadableDtype {
    const char* name;
    std::uint64_t bits;
};

inline constexpr std::array<UnreadableDtype, 12> kUnreadableDtypes{{
    {"U16", 16},
    {"U32", 32},
    {"U64", 64},
    {"C64", 64},
    {"F8_E4M3", 8},
    {"F8_E5M2", 8},
    {"F8_E8M0", 8},
    {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8},
    {"F6_E2M3", 6},
    {"F6_E3M2", 6},
    {"F4", 4},
}};

} // namespace depthscope::io
