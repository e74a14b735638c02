// SPDX-License-Identifier: MIT
// Mixture-of-Recursions over any block: token selection, the block, the gate (docs/routing.md 3.2
// expert-choice, 3.5 token-choice, 3.8 causal rules). The block is a function: the layers of a
// language model with their KV policy, a transformer over patches, or a test's x + 1. Engine
// thread. Letters: B batch, T tokens, D width, R recursions, K tokens active at a recursion.
#pragma once

#include "engine/models/routed_state.h"
#include "engine/spec/router_spec.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>

namespace depthscope::models {

/// The tensors of one router: W [out, D], or W1 [F, D] and W2 [out, F] of an MLP. Valid as long as
/// the model's weights are.
struct RouterWeights {
    std::span<const at::Tensor> main; ///< out = 1 for expert-choice, R for token-choice
    std::span<const at::Tensor> aux;  ///< of the auxiliary router; empty: none
    at::Tensor bias;                  ///< [R], loss-free balancing; undefined: none
};

/// h [B, K, D] of the active tokens -> what recursion r (from 0) makes of it.
using BlockFn = std::function<at::Tensor(const at::Tensor& h, const ActiveSet& active, int r)>;

/// Recursion r of expert-choice: the recursion's own router picks among the tokens that the one
/// before kept. From and to state.x and state.active.
void runExpertChoice(const spec::RouterSpec& spec,
                     const RouterWeights& router,
                     RoutedState& state,
                     const BlockFn& block,
                     int r);

/// Recursion r of token-choice: at r = 0 one router assigns each token its depth, then tokens leave
/// when they have reached it.
void runTokenChoice(const spec::RouterSpec& spec,
                    const RouterWeights& router,
                    RoutedState& state,
                    const BlockFn& block,
                    int r);

/// The router's raw outputs: x [.., D] -> [.., out] (docs/routing.md 3.1).
[[nodiscard]] at::Tensor
routerLogits(const spec::RouterSpec& spec, std::span<const at::Tensor> router, const at::Tensor& x);

/// The router function of expert-choice before alpha.
[[nodiscard]] at::Tensor routerScore(const spec::RouterSpec& spec, const at::Tensor& logits);

} // namespace depthscope::models
