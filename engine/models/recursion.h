// SPDX-License-Identifier: MIT
// The recursion stack of Mixture-of-Recursions: who goes on, the shared block, the gate
// (routing.md 3.2 expert- choice, 3.5 token-choice, 3.8 causal rules). Functions of weights and a
// pass; engine thread.
#pragma once

#include "engine/models/block.h"
#include "engine/models/config.h"
#include "engine/models/pass.h"
#include "engine/models/weights.h"

namespace depthscope::models {

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

/// Runs recursion r of the recursive baseline with a Cycle sharing: no router, no gate.
void runPlainRecursion(const ModelConfig& config, const Weights& weights, Pass& pass, int r);

/// The same with a Sequence sharing: block layer j as often as the depth in force says.
void runRepeatedLayer(const ModelConfig& config,
                      const Weights& weights,
                      Pass& pass,
                      std::int64_t j);

/// The router's raw outputs: x [.., D] -> [.., out] (routing.md 3.1).
[[nodiscard]] at::Tensor
routerLogits(const MorConfig& mor, const std::vector<at::Tensor>& router, const at::Tensor& x);

/// The router function of expert-choice before alpha.
[[nodiscard]] at::Tensor routerScore(const MorConfig& mor, const at::Tensor& logits);

} // namespace depthscope::models
