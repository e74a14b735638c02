// SPDX-License-Identifier: MIT
// What follows from a router's outputs, element by element (docs/routing.md 3.2, 3.5, 3.8): for
// whole passes (routed.cpp) and for tokens alone (routed_alone.cpp). Pure functions; engine thread.
// Letters: R recursions.
#pragma once

#include "engine/models/routed.h"

#include <ATen/ATen.h>

namespace depthscope::models {

/// True for the tokens whose logit lets them go on to a later recursion.
[[nodiscard]] inline at::Tensor exceedsTau(const settings::RoutingSettings& settings,
                                           const at::Tensor& logits) {
    return at::sigmoid(logits.to(at::kFloat)).gt(settings.tau);
}

/// alpha · g, so that the router learns from what its choices are worth; in the type of x.
[[nodiscard]] inline at::Tensor
gateOf(const spec::RouterSpec& spec, const at::Tensor& scores, const at::Tensor& x) {
    const double alpha = spec.function == spec::RouterFunction::Identity ? 1.0 : spec.alpha;
    return spec.weightedGating ? (scores * alpha).to(x.scalar_type())
                               : at::ones(scores.sizes(), x.options());
}

/// What a gate multiplies: F(h), or F(h) - h.
[[nodiscard]] inline at::Tensor
changeOf(const spec::RouterSpec& spec, const at::Tensor& made, const at::Tensor& h) {
    return spec.movesTowards ? made - h : made;
}

/// G of token-choice before alpha, in fp32 where it sums.
[[nodiscard]] inline at::Tensor depthScores(const spec::RouterSpec& spec,
                                            const at::Tensor& logits) {
    return spec.function == spec::RouterFunction::Softmax ? at::softmax(logits, -1, at::kFloat)
                                                          : at::sigmoid(logits);
}

/// The recursion of the highest p, at most the deepest. p [.., R].
[[nodiscard]] inline at::Tensor
bestDepths(const RouterWeights& router, const at::Tensor& p, int deepest) {
    const at::Tensor ranked = router.bias.defined() ? p + router.bias : p;
    return ranked.argmax(-1).clamp_max(deepest);
}

/// alpha · p of the choice, in the type of x.
[[nodiscard]] inline at::Tensor
weightOf(const at::Tensor& p, const at::Tensor& choice, const at::Tensor& x) {
    return p.gather(-1, choice.unsqueeze(-1)).squeeze(-1).to(x.scalar_type());
}

} // namespace depthscope::models
