// SPDX-License-Identifier: MIT
// The recursion stack of Mixture-of-Recursions: who goes on, the shared block, the gate
// (routing.md 3.2 expert- choice, 3.5 token-choice, 3.8 causal rules). Functions of weights and a
// pass; engine thread.
#pragma once

#include "engine/models/config.h"
#include "engine/models/pass.h"
#include "engine/models/weights.h"

namespace depthscope::models {

/// Tokens active at the recursion at hand.
struct ActiveSet {
    at::Tensor positions; // [B, K] int64 columns of x, ascending among the valid ones
    at::Tensor valid;     // [B, K] bool; undefined: all valid
    at::Tensor packed;    // token-choice: their state [B, K, D]
    at::Tensor choice;    // token-choice: destination recursion of each, [B, K] int64
    at::Tensor weight;    // token-choice: its gate, [B, K]
};

/// Runs recursion r (from 0) of an expert-choice model on pass.x, from and to `active`.
void runExpertRecursion(const ModelConfig& config,
                        const Weights& weights,
                        Pass& pass,
                        ActiveSet& active,
                        int r);

/// The same for token-choice; recursion 0 also takes the decisions.
void runTokenRecursion(const ModelConfig& config,
                       const Weights& weights,
                       Pass& pass,
                       ActiveSet& active,
                       int r);

/// The router's raw outputs: x [.., D] -> [.., out] (routing.md 3.1).
[[nodiscard]] at::Tensor
routerLogits(const MorConfig& mor, const std::vector<at::Tensor>& router, const at::Tensor& x);

/// The router function of expert-choice before alpha.
[[nodiscard]] at::Tensor routerScore(const MorConfig& mor, const at::Tensor& logits);

} // namespace depthscope::models
