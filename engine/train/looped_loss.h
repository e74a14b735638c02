// SPDX-License-Identifier: MIT
// What looped models with an exit gate learn (docs/looped.md 7; arXiv 2510.25741). Pure functions
// of tensors; engine thread. Letters: N tokens, R recursions, V vocabulary; L_t nats of the next
// token after recursion t, p_t the probability to leave there.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::train {

/// Stage 1: the mean over the tokens of sum_t p_t L_t - beta H(p), H in nats: without the entropy,
/// which is that of a uniform prior, the gate settles on one recursion. [N, R] each; a scalar.
[[nodiscard]] at::Tensor
expectedLoss(const at::Tensor& losses, const at::Tensor& exits, double beta);

/// Stage 2, with everything but the gate frozen: the gate of recursion t < R learns whether t + 1
/// improves the token: cross-entropy of "go on" against sigmoid(k (max(0, L_t - L_t+1) - gamma)),
/// k = 50, gamma = 0.005. `losses` [N, R], `gates` [N, R - 1] the gate before its sigmoid, which is
/// the probability to leave; a scalar.
[[nodiscard]] at::Tensor gateLoss(const at::Tensor& losses, const at::Tensor& gates);

/// sum_t t p_t of each token, [N]: the recursions that it would run if it stopped where it leaves.
[[nodiscard]] at::Tensor expectedDepth(const at::Tensor& exits);

} // namespace depthscope::train
