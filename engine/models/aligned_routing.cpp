// SPDX-License-Identifier: MIT
#include "engine/models/aligned_routing.h"

#include <ATen/ATen.h>

#include <limits>

namespace depthscope::models {

namespace {

/// [B, 1] int64 on the device of `like`.
at::Tensor keptOf(const Ranking& ranking, const at::Tensor& like) {
    const at::Tensor kept = at::tensor(ranking.kept, at::kLong).unsqueeze(1);
    return kept.to(like.device()).expand({like.size(0), 1});
}

/// 1 for the k of the largest error of each row, equal ones: the lowest position; else 0. [B, C]
at::Tensor worst(const Ranking& ranking, const at::Tensor& errors) {
    at::Tensor among = errors.gather(1, ranking.positions);
    if (ranking.valid.defined()) {
        among = among.masked_fill(ranking.valid.logical_not(),
                                  -std::numeric_limits<double>::infinity());
    }
    const at::Tensor order =
        std::get<1>(at::sort(among, /*stable=*/true, /*dim=*/1, /*descending=*/true));
    const at::Tensor places = at::arange(order.size(1), order.options()).unsqueeze(0);
    const at::Tensor isKept = places.lt(keptOf(ranking, order)).to(at::kFloat);
    return at::zeros(order.sizes(), isKept.options()).scatter_(1, order, isKept);
}

} // namespace

at::Tensor alignedLoss(const std::vector<Ranking>& rankings, const at::Tensor& errors) {
    const at::Tensor judged = errors.detach().to(at::kFloat);
    at::Tensor sum;
    for (const Ranking& ranking : rankings) {
        const at::Tensor weight =
            ranking.valid.defined() ? ranking.valid.to(at::kFloat) : at::Tensor();
        at::Tensor loss = at::binary_cross_entropy_with_logits(
            ranking.logits.to(at::kFloat), worst(ranking, judged), weight, {},
            weight.defined() ? at::Reduction::Sum : at::Reduction::Mean);
        if (weight.defined()) {
            loss = loss / weight.sum();
        }
        sum = sum.defined() ? sum + loss : loss;
    }
    return sum;
}

} // namespace depthscope::models
