// SPDX-License-Identifier: MIT
#include "engine/settings/lab.h"

#include "engine/base/text.h"

#include <cmath>
#include <cstdio>
#include <string>
#include <type_traits>

namespace depthscope::settings {

namespace {

/// As people write it: 0.8, 1000000.
std::string plain(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.10g", number);
    return text;
}

} // namespace

void checkRange(const FieldInfo& field, double number, ErrorCode code) {
    if (!std::isfinite(number) || number < field.minimum || number > field.maximum) {
        throw Error(code,
                    fmt::format("{}: {} is outside the range {} to {}", field.name, plain(number),
                                plain(field.minimum), plain(field.maximum)),
                    fmt::format("{}.", field.help));
    }
}

void checkRanges(const LabSettings& settings) {
    LabSettings::visit(settings, [](const FieldInfo& field, const auto& value) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_arithmetic_v<Value>) {
            checkRange(field, static_cast<double>(value), ErrorCode::BadInput);
        }
    });
    checkCapacity(settings.routing.capacity);
}

} // namespace depthscope::settings
