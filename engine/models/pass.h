// SPDX-License-Identifier: MIT
// One forward pass in flight: its input, its state between stages, and what the routing did. Made
// by a job, advanced stage by stage by LanguageModel::runStage. Engine thread. Letters: B batch, T
// tokens, D width, R recursions, V vocabulary, K tokens active at a recursion.
#pragma once

#include "engine/models/flops.h"
#include "engine/models/routing_rules.h"
#include "engine/nn/kv_cache.h"
#include "engine/nn/layers.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace depthscope::models {

/// Training-mode losses of routing.md 3.4 and 3.5 before their coefficients; undefined where not
/// computed.
struct RouterLosses {
    at::Tensor aux;       ///< BCE summed over recursions
    at::Tensor auxRouter; ///< the same of the auxiliary routers
    at::Tensor balance;
    at::Tensor z;
    at::Tensor accuracy; ///< decisions that agree with the selection, mean over recursions
};

/// Experts that the tokens of one MORE layer chose (routing.md 1.2), the heaviest first.
struct ExpertRouting {
    at::Tensor index;  ///< [B, T, k] int64
    at::Tensor weight; ///< [B, T, k], sums to 1
};

struct Pass {
    // asked
    at::Tensor ids;                      // [B, T] int64
    std::int64_t firstPosition = 0;      // of column 0, with a cache
    std::vector<std::int64_t> rowStarts; // of each row's column 0 where rows differ; else empty
    std::vector<std::int64_t> rowCounts; // valid tokens of each row; empty: all T
    ResolvedRouting routing;
    at::Tensor forcedDepth; // [B, T] int64: these depths instead of the router's; undefined: none
    nn::KvCache* cache = nullptr;
    bool losses = false;
    bool trace = true;           // keep scores; depth is always kept
    bool lastLogitsOnly = false; // generation needs those of the last token only

    // state between stages
    int stage = 0;
    at::Tensor x;                       // [B, T, D]
    at::Tensor positions;               // [B, T] int64
    nn::Rotary rotary;                  // of all T tokens
    std::vector<nn::KeysValues> shared; // recursion 1's, by block layer; sharing without a cache

    // results
    at::Tensor depth;                   // [B, T] int64, recursions passed
    std::vector<at::Tensor> scores;     // R of [B, T] float, NaN where not considered
    std::vector<at::Tensor> selected;   // one [B, K] int64 per recursion run
    std::vector<ExpertRouting> experts; // MORE: one per block
    at::Tensor tokenLoad; // token-choice: share of the tokens by chosen depth, [R] float
    std::vector<std::int64_t> activeTokens; // sum over the batch, per recursion
    RouterLosses routerLosses;
    at::Tensor logits;            // [B, T, V], or [B, 1, V]
    int syncs = 0;                // places where the host waited for the device
    std::optional<StepLoad> load; // what it had to do, where the results above were cut since
};

/// Ids as a pass takes them: [1, T] int64 on `device`.
[[nodiscard]] at::Tensor idsRow(std::span<const std::int32_t> ids, at::Device device);

} // namespace depthscope::models
