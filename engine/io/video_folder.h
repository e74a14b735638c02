// SPDX-License-Identifier: MIT
// A video model's folder (docs/models.md: config.json, model.safetensors, training.json) into a
// VideoModel and its ModelInfo, and back. Engine thread.
#pragma once

#include "engine/io/model_folder.h"
#include "engine/models/video_model.h"

#include <filesystem>
#include <memory>

namespace depthscope::io {

struct LoadedVideoModel {
    std::unique_ptr<models::VideoModel> model;
    std::shared_ptr<spec::ModelInfo> info;
};

/// Throws Error{BadInput} that names file, tensor and reason, also for weights that are not finite;
/// Error{OutOfMemory}.
[[nodiscard]] LoadedVideoModel loadVideoModel(const std::filesystem::path& folder,
                                              const LoadOptions& options);

/// The description of a model.
[[nodiscard]] std::shared_ptr<spec::ModelInfo> describe(models::VideoModel& model,
                                                        const std::filesystem::path& folder,
                                                        std::vector<std::string> notes);

/// Writes config.json and model.safetensors in `dtype`.
void saveModel(models::VideoModel& model,
               const std::filesystem::path& folder,
               at::ScalarType dtype);

} // namespace depthscope::io
