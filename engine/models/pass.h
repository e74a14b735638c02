// SPDX-License-Identifier: MIT
// One forward pass in flight: its input, its state between stages, and what the routing did. Made
// by a job, advanced stage by stage by LanguageModel::runStage. Engine thread. Letters: B batch, T
// tokens, D width, R recursions, V vocabulary, K tokens active at a recursion.
#pragma once

#include "engine/models/routing_rules.h"
#include "engine/nn/kv_cache.h"
#include "engine/nn/layers.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::models {

/// Training-mode losses of routing.md 3.4 and 3.5 before their coefficients; undefined where not
/// computed.
struct RouterLosses {
    at::Tensor aux; ///< BCE summed over recursions
    at::Tensor balance;
    at::Tensor z;
    at::Tensor accuracy; ///< decisions that agree with the selection, mean over recursions
};

struct Pass {
    // asked
    at::Tensor ids;                 // [B, T] int64
    std::int64_t firstPosition = 0; // of column 0, with a cache
    ResolvedRouting routing;
    nn::KvCache* cache = nullptr; // only with B = 1
    bool losses = false;
    bool trace = true;           // keep scores; depth is always kept
    bool lastLogitsOnly = false; // generation needs those of the last token only

    // state between stages
    int stage = 0;
    at::Tensor x;      // [B, T, D]
    nn::Rotary rotary; // of all T tokens

    // results
    at::Tensor depth;                       // [B, T] int64, recursions passed
    std::vector<at::Tensor> scores;         // R of [B, T] float, NaN where not considered
    std::vector<at::Tensor> selected;       // one [B, K] int64 per recursion run
    std::vector<at::Tensor> routerLogits;   // for losses and metrics
    std::vector<std::int64_t> activeTokens; // sum over the batch, per recursion
    RouterLosses routerLosses;
    at::Tensor logits; // [B, T, V], or [B, 1, V]
    int syncs = 0;     // places where the host waited for the device
};

} // namespace depthscope::models
