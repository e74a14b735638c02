// SPDX-License-Identifier: MIT
// The family of a model folder, determined from its configuration alone, for the model menu and for
// loading. Pure functions; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace depthscope::spec {

/// The `model_type` of a config.json, "llama" where it has none; a llama beside a mor_config.json
/// (`sideCar`; null without one) is "mor_llama" or "recursive_llama" where that enables a router
/// or recursion. Values of another type than they should have count as missing.
[[nodiscard]] std::string modelTypeOf(const nlohmann::json& config, const nlohmann::json* sideCar);

/// The same of a folder's files; empty where config.json cannot be read.
[[nodiscard]] std::string modelTypeOf(const std::filesystem::path& folder);

} // namespace depthscope::spec
