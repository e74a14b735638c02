// SPDX-License-Identifier: MIT
#include "engine/train/looped_loss.h"

#include <ATen/ATen.h>

namespace depthscope::train {

at::Tensor expectedLoss(const at::Tensor& losses, const at::Tensor& exits, double beta) {
    constexpr double kLeast = 1e-9; // p log p has no slope to speak of below
    const at::Tensor entropy = -(exits * exits.clamp_min(kLeast).log()).sum(1);
    return ((losses * exits).sum(1) - beta * entropy).mean();
}

at::Tensor gateLoss(const at::Tensor& losses, const at::Tensor& gates) {
    constexpr double kSteepness = 50, kWorthIt = 0.005; // nats
    const std::int64_t decisions = losses.size(1) - 1;
    const at::Tensor gain =
        (losses.narrow(1, 0, decisions) - losses.narrow(1, 1, decisions)).clamp_min(0);
    const at::Tensor goesOn = at::sigmoid(kSteepness * (gain - kWorthIt));
    return at::binary_cross_entropy_with_logits(-gates, goesOn);
}

at::Tensor expectedDepth(const at::Tensor& exits) {
    return (exits * at::arange(1, exits.size(1) + 1, exits.options())).sum(1);
}

} // namespace depthscope::train
