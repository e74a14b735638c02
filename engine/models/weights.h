// SPDX-License-Identifier: MIT
// The named tensors of a language model and the one declaration that loads, saves, counts and
// aliases them. Keys are those of the official checkpoints (routing.md 3.10, 1.4). Const after
// loading; engine thread.
#pragma once

#include "engine/models/config.h"
#include "engine/models/more.h"
#include "engine/nn/layers.h"
#include "engine/trace/model_info.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace depthscope::models {

/// Letters: V vocabulary, D width, R recursions, b block layers.
struct Weights {
    at::Tensor embedding;                             // [V, D]
    std::vector<nn::LayerWeights> before;             // llama: all layers; Middle-Cycle: the first
    std::vector<std::vector<nn::LayerWeights>> block; // [R][b]; recursions share storage
    std::vector<nn::LayerWeights> after;              // Middle-Cycle: the last
    std::vector<std::vector<at::Tensor>>
        routers; // expert: [R]; token: [1]; one matrix, two for an MLP
    std::vector<std::vector<at::Tensor>> auxRouters; // as routers, where trained with one
    std::vector<MoreBlock> fractal;                  // MORE: [L]
    at::Tensor routerBias; // [R] or undefined; token-choice, loss-free balancing
    at::Tensor norm;       // [D]
    at::Tensor head;       // [V, D]; the embedding itself where tied
};

/// One declared tensor: its key, its shape, and the key whose storage it shares when shared (or
/// "").
struct WeightSlot {
    std::string key;
    std::vector<std::int64_t> shape;
    std::string sharedWith;
    std::string part; ///< for counting: "embedding", "shared block", ...
    bool optional = false;
};

/// Hidden width of the router's MLP; 0 for a linear one (routing.md 3.1).
[[nodiscard]] std::int64_t routerHidden(const ModelConfig& config);

/// An empty Weights with all vectors sized for `config`.
[[nodiscard]] Weights emptyWeights(const ModelConfig& config);

/// Calls visitor(slot, tensor) for every tensor in checkpoint order.
void visitWeights(const ModelConfig& config,
                  Weights& weights,
                  const std::function<void(const WeightSlot&, at::Tensor&)>& visitor);

/// Linear and Embedding N(0, 0.02²), norms 1, biases 0 (routing.md 2.1), shared as the config says.
[[nodiscard]] Weights randomWeights(const ModelConfig& config, std::uint64_t seed);

/// Distinct parameters by part: a shared storage counts once.
[[nodiscard]] std::vector<trace::ParameterPart> countParameters(const ModelConfig& config,
                                                                Weights& weights);

/// The same of a model that is not there yet.
[[nodiscard]] std::vector<trace::ParameterPart> plannedParameters(const ModelConfig& config);

/// The distinct tensors, for optimisers and checkpoints, with the key of the first use.
struct DistinctWeight {
    std::string key;
    at::Tensor tensor;
};

[[nodiscard]] std::vector<DistinctWeight> distinctWeights(const ModelConfig& config,
                                                          Weights& weights);

/// Moves the weights to another device and element type; what is shared stays one storage.
void convertWeights(const ModelConfig& config,
                    Weights& weights,
                    at::Device device,
                    at::ScalarType dtype);

} // namespace depthscope::models
