// SPDX-License-Identifier: MIT
// config.json of a video model into VideoSpec and back, and what can be said of it before its
// weights are read. Any thread.
#pragma once

#include "engine/spec/model_info.h"
#include "engine/spec/video_spec.h"

#include <filesystem>
#include <string>

namespace depthscope::spec {

/// Throws Error{BadInput} naming file and field.
[[nodiscard]] VideoSpec readVideoConfig(const std::filesystem::path& folder);

/// The file's text for a model of ours.
[[nodiscard]] std::string videoConfigJson(const VideoSpec& spec, const std::string& dtype);

/// Without name and folder.
[[nodiscard]] ModelInfo describe(const VideoSpec& spec);

} // namespace depthscope::spec
