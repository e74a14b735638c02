// SPDX-License-Identifier: MIT
// What trains a router: the losses of docs/routing.md 3.4 (expert-choice) and 3.5 (token-choice),
// before their coefficients. Engine thread.
#pragma once

#include "engine/models/routed_state.h"
#include "engine/spec/router_spec.h"

namespace depthscope::models {

/// BCE of the raw logits [B, N] against the selection `kept` [B, K], over the tokens considered;
/// `auxLogits` as `logits`, undefined without auxiliary router. Adds to state.routerLosses.
void addExpertLosses(const spec::RouterSpec& spec,
                     RoutedState& state,
                     const at::Tensor& logits,
                     const at::Tensor& auxLogits,
                     const at::Tensor& kept);

/// Balance of the choices [B, T] against the shares p [B, T, R]; sets state.chosenShares too.
void addTokenLosses(const spec::RouterSpec& spec,
                    RoutedState& state,
                    const at::Tensor& logits,
                    const at::Tensor& p,
                    const at::Tensor& choice);

} // namespace depthscope::models
