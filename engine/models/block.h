// SPDX-License-Identifier: MIT
// One layer of the shared block at one recursion under the KV policy in force (routing.md 3.7): who
// makes keys and values, who keeps them, who reads another recursion's. Engine thread.
#pragma once

#include "engine/models/config.h"
#include "engine/models/pass.h"
#include "engine/models/weights.h"

#include <cstdint>
#include <vector>

namespace depthscope::models {

/// Tokens active at the recursion at hand.
struct ActiveSet {
    at::Tensor positions;             // [B, K] int64 columns of x, ascending among the valid ones
    std::vector<std::int64_t> counts; // valid tokens of each row, first in it; empty: all K
    at::Tensor packed;                // token-choice: their state [B, K, D]
    at::Tensor choice;                // token-choice: destination recursion of each, [B, K] int64
    at::Tensor weight;                // token-choice: its gate, [B, K]
};

/// Every token of the pass.
[[nodiscard]] ActiveSet everyToken(const Pass& pass);

/// All tokens of the pass are in it, in order.
[[nodiscard]] bool isEveryToken(const Pass& pass, const ActiveSet& active);

/// Angles and absolute positions of the tokens at hand, shared by the layers of one recursion.
struct Places {
    nn::Rotary rotary;
    at::Tensor positions; // [B, K]
};

[[nodiscard]] Places placesOf(const Pass& pass, const ActiveSet& active);

/// A model, a pass and the tokens at hand.
struct BlockRun {
    const ModelConfig& config;
    const Weights& weights;
    Pass& pass;
    const ActiveSet& active;
};

/// Runs block layer j at recursion r over x [B, K, D].
[[nodiscard]] at::Tensor runBlockLayer(const BlockRun& run,
                                       const Places& places,
                                       const at::Tensor& x,
                                       int r,
                                       std::int64_t j);

/// All layers of the block at recursion r, one after the other.
[[nodiscard]] at::Tensor runBlock(const BlockRun& run, const at::Tensor& x, int r);

/// Counts the tokens and adds one to their depth.
void recordDepth(Pass& pass, const ActiveSet& active);

} // namespace depthscope::models
