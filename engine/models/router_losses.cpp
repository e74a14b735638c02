// SPDX-License-Identifier: MIT
#include "engine/models/router_losses.h"

#include <ATen/ATen.h>

namespace depthscope::models {

namespace {

void addTo(at::Tensor& sum, const at::Tensor& part) {
    sum = sum.defined() ? sum + part : part;
}

} // namespace

void addExpertLosses(const spec::RouterSpec& spec,
                     RoutedState& state,
                     const at::Tensor& logits,
                     const at::Tensor& auxLogits,
                     const at::Tensor& kept) {
    const at::Tensor wide = logits.to(at::kFloat);
    const at::Tensor targets = at::zeros_like(wide).scatter_(1, kept, 1.0);
    RouterLosses& losses = state.routerLosses;
    addTo(losses.aux, at::binary_cross_entropy_with_logits(wide, targets));
    const at::Tensor& judged = auxLogits.defined() ? auxLogits : logits;
    addTo(losses.accuracy, judged.detach().ge(0.0).eq(targets.gt(0.5)).to(at::kFloat).mean());
    if (auxLogits.defined()) {
        addTo(losses.auxRouter,
              at::binary_cross_entropy_with_logits(auxLogits.to(at::kFloat), targets));
    }
    if (spec.zLoss) {
        addTo(losses.z, wide.square().mean());
    }
}

void addTokenLosses(const spec::RouterSpec& spec,
                    RoutedState& state,
                    const at::Tensor& logits,
                    const at::Tensor& p,
                    const at::Tensor& choice) {
    const std::int64_t recursions = p.size(-1);
    const at::Tensor share =
        at::one_hot(choice, recursions).to(at::kFloat).mean(at::IntArrayRef{0, 1});
    const at::Tensor mean = p.to(at::kFloat).mean(at::IntArrayRef{0, 1});
    state.routerLosses.balance = (mean * share).sum() * static_cast<double>(recursions);
    state.chosenShares = share;
    if (spec.zLoss) {
        state.routerLosses.z = at::logsumexp(logits.to(at::kFloat), -1).square().mean();
    }
}

} // namespace depthscope::models
