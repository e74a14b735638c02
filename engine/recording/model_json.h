// SPDX-License-Identifier: MIT
// A model's description as JSON and back. For this folder only; any thread. Reading throws
// Error{BadInput} that names subject and field.
#pragma once

#include "engine/spec/model_info.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace depthscope::recording {

[[nodiscard]] nlohmann::json modelToJson(const spec::ModelInfo& model);
[[nodiscard]] spec::ModelInfo modelFromJson(const nlohmann::json& object,
                                            const std::string& subject);

} // namespace depthscope::recording
