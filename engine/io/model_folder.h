// SPDX-License-Identifier: MIT
// A model folder (docs/models.md: config.json, model.safetensors, mor_config.json, tokenizer,
// training.json) into a LanguageModel and its ModelInfo, and back. Streamed into owned storage; a
// model is loaded completely or not at all. Engine thread.
#pragma once

#include "engine/models/language_model.h"
#include "engine/spec/model_info.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace depthscope::io {

struct LoadOptions {
    at::ScalarType dtype = at::kFloat;
    at::Device device = at::kCPU;
    /// Called with 0..1 while weights are read; throws to interrupt.
    std::function<void(double)> progress;
    /// Language models of more than 500 million weights that are stored as bfloat16 stay so.
    bool keepsLargeBfloat16 = false;
};

struct LoadedModel {
    std::unique_ptr<models::LanguageModel> model;
    std::shared_ptr<spec::ModelInfo> info; ///< hasTokenizer is for the caller to set
};

/// Throws Error{BadInput} that names file, tensor and reason; Error{OutOfMemory}.
[[nodiscard]] LoadedModel loadModel(const std::filesystem::path& folder,
                                    const LoadOptions& options);

/// training.json verbatim; empty where there is none that can be read.
[[nodiscard]] std::string trainingRecord(const std::filesystem::path& folder);

/// The description of a model; `notes` are remarks of the loader.
[[nodiscard]] std::shared_ptr<spec::ModelInfo> describe(models::LanguageModel& model,
                                                        const std::filesystem::path& folder,
                                                        std::vector<std::string> notes);

/// Writes config.json, mor_config.json and model.safetensors (each shared tensor once) in `dtype`.
void saveModel(models::LanguageModel& model,
               const std::filesystem::path& folder,
               at::ScalarType dtype);

} // namespace depthscope::io
