// SPDX-License-Identifier: MIT
// config.json and mor_config.json into LanguageSpec, and back for models that we train. Any
// thread.
#pragma once

#include "engine/spec/language_spec.h"

#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::spec {

/// Reads a model folder's configuration and checks it. `notes` receives what was inferred. Throws
/// Error{BadInput} naming file and field.
[[nodiscard]] LanguageSpec readConfig(const std::filesystem::path& folder,
                                      std::vector<std::string>& notes);

/// The two files' texts for a model of ours.
[[nodiscard]] std::string configJson(const LanguageSpec& config, const std::string& dtype);
[[nodiscard]] std::string morConfigJson(const LanguageSpec& config);

} // namespace depthscope::spec
