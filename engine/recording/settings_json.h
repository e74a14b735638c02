// SPDX-License-Identifier: MIT
// Settings as JSON and back, by their declared fields (settings/field.h). Any thread. Used by
// recordings, by scripts and by `--json`.
#pragma once

#include "engine/settings/lab.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace depthscope::recording {

/// One object with a key for every declared field. Capacities are exact: [[2, 3], [1, 3]].
[[nodiscard]] nlohmann::json toJson(const settings::RoutingSettings& settings);
[[nodiscard]] nlohmann::json toJson(const settings::LabSettings& settings);

/// Starts from the defaults. Unknown keys are ignored. Throws Error{BadInput} that names subject
/// and field for a value of another type or outside the declared range. A capacity may also be
/// written "1,2/3,1/3".
[[nodiscard]] settings::RoutingSettings routingFromJson(const nlohmann::json& object,
                                                        const std::string& subject = "settings");
[[nodiscard]] settings::LabSettings labFromJson(const nlohmann::json& object,
                                                const std::string& subject = "settings");

[[nodiscard]] nlohmann::json toJson(const std::vector<Fraction>& capacity);
[[nodiscard]] std::vector<Fraction> capacityFromJson(const nlohmann::json& value,
                                                     const std::string& subject);

} // namespace depthscope::recording
