// SPDX-License-Identifier: MIT
// Numbers of trainings in JSON files: non-finite values are null, values that are not numbers get a
// fallback. Any thread.
#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string>

namespace depthscope::train {

[[nodiscard]] inline nlohmann::json finiteOrNull(double value) {
    return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
}

[[nodiscard]] inline double numberOr(const nlohmann::json& object,
                                     const char* key,
                                     double fallback = std::numeric_limits<double>::quiet_NaN()) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>() : fallback;
}

[[nodiscard]] inline std::string textOr(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace depthscope::train
