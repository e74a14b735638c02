// SPDX-License-Identifier: MIT
// A video autoencoder's folder (docs/models.md: config.json, model.safetensors, training.json) into
// an Autoencoder and its ModelInfo, and back. Engine thread.
#pragma once

#include "engine/io/model_folder.h"
#include "engine/models/autoencoder.h"

#include <filesystem>
#include <memory>

namespace depthscope::io {

struct LoadedAutoencoder {
    std::unique_ptr<models::Autoencoder> model;
    std::shared_ptr<spec::ModelInfo> info;
};

/// Throws Error{BadInput} that names file, tensor and reason, also for weights that are not finite;
/// Error{OutOfMemory}.
[[nodiscard]] LoadedAutoencoder loadAutoencoder(const std::filesystem::path& folder,
                                                const LoadOptions& options);

/// Writes config.json and model.safetensors in `dtype`.
void saveModel(models::Autoencoder& model,
               const std::filesystem::path& folder,
               at::ScalarType dtype);

} // namespace depthscope::io
