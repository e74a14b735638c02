// SPDX-License-Identifier: MIT
// MORE, the mixture of recursive experts (routing.md 1): each token goes through k of E experts,
// each of which loops over itself. Weights and the fractal block. Engine thread. Letters: B batch,
// T tokens, D width, E experts, F feed-forward width, N loops, H·C query and G·C key-value
// features.
#pragma once

#include "engine/models/config.h"
#include "engine/models/pass.h"
#include "engine/nn/layers.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::models {

/// One expert. Its attention sees one token at a time, so it is exactly W_o · W_v; q and k have no
/// effect and are kept for checkpoints (routing.md 0, trap 1).
struct RecursiveExpert {
    at::Tensor attentionNorm; // [D]
    at::Tensor q;             // [H·C, D] unused
    at::Tensor k;             // [G·C, D] unused
    at::Tensor v;             // [G·C, D]
    at::Tensor o;             // [D, H·C]
    at::Tensor ffnNorm;       // [D]
    at::Tensor gate;          // [F, D]
    at::Tensor up;            // [F, D]
    at::Tensor down;          // [D, F]
    at::Tensor steps;         // [N, D] step embeddings
    at::Tensor outNorm;       // [D]
};

struct MoreBlock {
    nn::LayerWeights attention; // its first half: inputNorm, q, k, v, o
    at::Tensor moreNorm;        // [D]
    at::Tensor router;          // [E, D]
    std::vector<RecursiveExpert> experts;
};

/// x + Attn(RMS(x)), then x + MoRE(RMS(x)) on pass.x; records the choices. `layer` is the KV slot.
void runFractalBlock(const ModelConfig& config,
                     const MoreBlock& block,
                     Pass& pass,
                     std::int64_t layer);

/// One expert over h [n, D], `loops` times (routing.md 1.2).
[[nodiscard]] at::Tensor
runExpert(const ModelConfig& config, const RecursiveExpert& expert, const at::Tensor& h, int loops);

} // namespace depthscope::models
