// SPDX-License-Identifier: MIT
// Which family a model folder is of, told from its configuration alone: what the model menu shows
// and what the engine loads are decided here. Pure functions; any thread.
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
