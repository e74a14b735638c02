// SPDX-License-Identifier: MIT
// The named tensors of a language model and the one declaration that loads, saves, counts and
// aliases them. Keys are those of the official checkpoints (docs/routing.md 3.10, 1.4). Const after
// loading; engine thread.
#pragma once

#include "engine/nn/layers.h"
#include "engine/spec/language_spec.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/model_info.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::models {

using Weights = spec::LanguageWeights<at::Tensor>;

/// An empty Weights with all vectors sized for `config`.
[[nodiscard]] Weights emptyWeights(const spec::LanguageSpec& config);

/// Calls visitor(slot, tensor) for every tensor in checkpoint order.
void visitWeights(const spec::LanguageSpec& config,
                  Weights& weights,
                  const spec::WeightVisitor<at::Tensor>& visitor);

/// Linear and Embedding N(0, 0.02²), norms 1, biases 0 (docs/routing.md 2.1), shared as the config
/// says.
[[nodiscard]] Weights randomWeights(const spec::LanguageSpec& config, std::uint64_t seed);

/// Distinct parameters by part: a shared storage counts once.
[[nodiscard]] std::vector<spec::ParameterPart> countParameters(const spec::LanguageSpec& config,
                                                               Weights& weights);

/// The distinct tensors, for optimisers and checkpoints, with the key of the first use.
struct DistinctWeight {
    std::string key;
    at::Tensor tensor;
};

[[nodiscard]] std::vector<DistinctWeight> distinctWeights(const spec::LanguageSpec& config,
                                                          Weights& weights);

/// Moves the weights to another device and element type; what is shared stays one storage.
void convertWeights(const spec::LanguageSpec& config,
                    Weights& weights,
                    at::Device device,
                    at::ScalarType dtype);

} // namespace depthscope::models
