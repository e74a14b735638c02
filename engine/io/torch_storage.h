// SPDX-License-Identifier: MIT
// The storage classes that torch.save names. Constants; any thread.
#pragma once

#include <c10/core/ScalarType.h>

#include <array>
#include <string_view>
#include <utility>

namespace depthscope::io {

inline constexpr std::array<std::pair<std::string_view, at::ScalarType>, 10> kTorchStorages{{
    {"FloatStorage", at::ScalarType::Float},
    {"HalfStorage", at::ScalarType::Half},
    {"BFloat16Storage", at::ScalarType::BFloat16},
    {"DoubleStorage", at::ScalarType::Double},
    {"LongStorage", at::ScalarType::Long},
    {"IntStorage", at::ScalarType::Int},
    {"ShortStorage", at::ScalarType::Short},
    {"CharStorage", at::ScalarType::Char},
    {"ByteStorage", at::ScalarType::Byte},
    {"BoolStorage", at::ScalarType::Bool},
}};

/// Element type of a storage class; Undefined for others.
[[nodiscard]] constexpr at::ScalarType storageDtype(std::string_view storage) {
    for (const auto& [name, dtype] : kTorchStorages) {
        if (name == storage) {
            return dtype;
        }
    }
    return at::ScalarType::Undefined;
}

} // namespace depthscope::io
