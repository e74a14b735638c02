// SPDX-License-Identifier: MIT
#include "engine/settings/lab.h"

#include "engine/base/error.h"

#include <cmath>
#include <type_traits>

namespace depthscope::settings {

void checkRanges(const LabSettings& settings) {
    LabSettings::visit(settings, [](const FieldInfo& field, const auto& value) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_arithmetic_v<Value>) {
            const auto number = static_cast<double>(value);
            if (!std::isfinite(number) || number < field.minimum || number > field.maximum) {
                throw Error(ErrorCode::BadInput,
                            std::string(field.name) + ": " + std::to_string(number) +
                                " is out of range",
                            std::string(field.help) + ".");
            }
        }
    });
    checkCapacity(settings.routing.capacity);
}

} // namespace depthscope::settings
