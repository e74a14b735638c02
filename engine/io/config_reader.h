// SPDX-License-Identifier: MIT
// config.json and mor_config.json into models::ModelConfig, and back for models that we train. Any
// thread.
#pragma once

#include "engine/models/config.h"

#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::io {

/// Reads a model folder's configuration and checks it. `notes` receives what was inferred. Throws
/// Error{BadInput} naming file and field.
[[nodiscard]] models::ModelConfig readConfig(const std::filesystem::path& folder,
                                             std::vector<std::string>& notes);

/// The two files' texts for a model of ours.
[[nodiscard]] std::string configJson(const models::ModelConfig& config, const std::string& dtype);
[[nodiscard]] std::string morConfigJson(const models::ModelConfig& config);

} // namespace depthscope::io
