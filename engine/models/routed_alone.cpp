// SPDX-License-Identifier: MIT
#include "engine/models/routed_alone.h"

#include "engine/models/router_formulas.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <span>

namespace depthscope::models {

using settings::Rule;

namespace {

/// f of each [S, ..] part by part, joined. Alone and among others a token must get the same bits,
/// but ATen's products depend on how many rows there are, and its functions round otherwise where
/// 16 numbers or more stand in a row.
template <class Function>
at::Tensor inParts(const at::Tensor& x, std::int64_t part, Function f) {
    if (x.size(0) <= part) {
        return f(x);
    }
    std::vector<at::Tensor> parts;
    for (const at::Tensor& one : x.split(part)) {
        parts.push_back(f(one));
    }
    return at::cat(parts);
}

/// Of expert-choice [S, 1], of which no function takes 16 numbers.
constexpr std::int64_t kFewScores = 8;

at::Tensor logitsOfEach(const spec::RouterSpec& spec,
                        std::span<const at::Tensor> router,
                        const at::Tensor& x) {
    return inParts(x, 1, [&](const at::Tensor& one) { return routerLogits(spec, router, one); });
}

} // namespace

Entrance enterExpertChoice(const spec::RouterSpec& spec,
                           const RouterWeights& router,
                           const spec::ResolvedRouting& routing,
                           const at::Tensor& x,
                           int r) {
    const settings::RoutingSettings& requested = routing.settings;
    const at::Tensor logits = logitsOfEach(spec, router.main, x).squeeze(-1);
    Entrance entrance;
    entrance.goesOn.assign(static_cast<std::size_t>(x.size(0)), 1);
    if (r > 0 && settings::comparesWithTau(requested.rule)) {
        const at::Tensor by =
            requested.rule == Rule::Aux ? logitsOfEach(spec, router.aux, x).squeeze(-1) : logits;
        const at::Tensor over = inParts(by, kFewScores, [&](const at::Tensor& few) {
                                    return exceedsTau(requested, few);
                                }).cpu();
        std::copy_n(over.const_data_ptr<bool>(), over.numel(), entrance.goesOn.begin());
    }
    entrance.gate = inParts(logits, kFewScores, [&](const at::Tensor& few) {
        return gateOf(spec, routerScore(spec, few), x);
    });
    return entrance;
}

at::Tensor leaveExpertChoice(const spec::RouterSpec& spec,
                             const at::Tensor& x,
                             const at::Tensor& made,
                             const at::Tensor& gate) {
    return at::addcmul(x, gate.unsqueeze(-1), changeOf(spec, made, x));
}

Destinations chooseDestinations(const spec::RouterSpec& spec,
                                const RouterWeights& router,
                                const spec::ResolvedRouting& routing,
                                const at::Tensor& x) {
    const at::Tensor p = inParts(x, 1, [&](const at::Tensor& one) {
        return depthScores(spec, routerLogits(spec, router.main, one)) * spec.alpha;
    });
    const int deepest = routing.depth - 1;
    const at::Tensor choice = routing.settings.rule == Rule::Fixed
                                  ? at::full({x.size(0), 1}, deepest, p.options().dtype(at::kLong))
                                  : bestDepths(router, p, deepest);
    Destinations destinations;
    const at::Tensor host = choice.cpu().contiguous();
    const auto* data = host.const_data_ptr<std::int64_t>();
    destinations.last.assign(data, data + host.numel());
    const at::Tensor weight = weightOf(p, choice, x);
    destinations.gate = spec.weightedGating ? weight : at::ones_like(weight);
    return destinations;
}

at::Tensor leaveTokenChoice(const spec::RouterSpec& spec,
                            const at::Tensor& x,
                            const at::Tensor& made,
                            const at::Tensor& gate) {
    const at::Tensor first = at::zeros(gate.sizes(), gate.options().dtype(at::kLong));
    return ops::gatedScatter(x, first, changeOf(spec, made, x), gate);
}

} // namespace depthscope::models
