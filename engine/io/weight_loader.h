// SPDX-License-Identifier: MIT
// Fills a model's weights from a WeightReader: every name and shape is checked before memory is
// allocated; shared tensors become one storage. Engine thread. Throws Error{BadInput} naming file,
// tensor and reason.
#pragma once

#include "engine/io/model_folder.h"
#include "engine/io/weight_reader.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace depthscope::io {

/// Visits the declared tensors of a model, to be filled.
using VisitTensors = std::function<void(const spec::WeightVisitor<at::Tensor>&)>;

/// Of any model. `notes` receives what was inferred: unused tensors.
void loadTensors(WeightReader& reader,
                 const VisitTensors& visit,
                 const LoadOptions& options,
                 std::vector<std::string>& notes);

/// Throws Error{BadInput} naming file and tensor for a value that is not finite.
void requireFinite(const std::vector<models::DistinctWeight>& weights,
                   const std::filesystem::path& file);

/// `notes` receives what was inferred: untied weights, unused tensors.
[[nodiscard]] models::Weights loadWeights(WeightReader& reader,
                                          const spec::LanguageSpec& config,
                                          const LoadOptions& options,
                                          std::vector<std::string>& notes);

} // namespace depthscope::io
