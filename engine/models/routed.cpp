// SPDX-License-Identifier: MIT
#include "engine/models/routed.h"

#include "engine/base/random.h"
#include "engine/models/router_formulas.h"
#include "engine/models/router_losses.h"
#include "engine/nn/linear.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

namespace depthscope::models {

using settings::Rule;

at::Tensor routerLogits(const spec::RouterSpec& spec,
                        std::span<const at::Tensor> router,
                        const at::Tensor& x) {
    const at::Tensor input = spec.temperature == 1.0 ? x : x / spec.temperature;
    if (router.size() == 1) {
        return nn::linear(input, router[0]);
    }
    return nn::linear(at::gelu(nn::linear(input, router[0])), router[1]);
}

at::Tensor routerScore(const spec::RouterSpec& spec, const at::Tensor& logits) {
    switch (spec.function) {
    case spec::RouterFunction::Tanh:
        return at::tanh(logits);
    case spec::RouterFunction::Identity:
        return logits;
    default:
        return at::sigmoid(logits);
    }
}

namespace {

/// Numbers in the place of a row of scores, [K].
at::Tensor randomRow(std::uint64_t seed, int r, std::int64_t count) {
    SplitMix random(seed);
    for (int skipped = 0; skipped < r; ++skipped) {
        static_cast<void>(random.next());
    }
    auto generator = at::make_generator<at::CPUGeneratorImpl>(random.next());
    return at::rand({count}, generator, at::TensorOptions().dtype(at::kFloat));
}

/// Numbers in the place of scores `like` [B, K], drawn anew for each recursion.
at::Tensor randomScores(const RoutedState& state, const at::Tensor& like, int r) {
    if (!state.rowSeeds.empty()) {
        std::vector<at::Tensor> rows;
        for (const std::uint64_t seed : state.rowSeeds) {
            rows.push_back(randomRow(seed, r, like.size(1)));
        }
        return at::stack(rows).to(like.device());
    }
    auto generator = at::make_generator<at::CPUGeneratorImpl>(state.routing.seed +
                                                              static_cast<std::uint64_t>(r));
    return at::rand(like.sizes(), generator, at::TensorOptions().dtype(at::kFloat))
        .to(like.device());
}

/// capacity · T, rounded as the router says, at least one and at most those considered
/// (docs/routing.md 3.3).
std::int64_t countOf(const spec::RouterSpec& spec,
                     const Fraction& capacity,
                     std::int64_t tokens,
                     std::int64_t considered) {
    const std::int64_t count =
        spec.rounding == spec::CapacityRounding::Up ? capacity.ofUp(tokens) : capacity.of(tokens);
    return std::clamp<std::int64_t>(count, 1, considered);
}

/// k of each row; one entry where it is the same for all.
std::vector<std::int64_t>
capacitiesOf(const spec::RouterSpec& spec, const RoutedState& state, int r) {
    const auto at = static_cast<std::size_t>(r);
    const std::int64_t considered = state.active.positions.size(1);
    if (state.rowCapacity.empty()) {
        return {countOf(spec, state.routing.settings.capacity[at], state.tokens(), considered)};
    }
    std::vector<std::int64_t> counts;
    for (std::size_t b = 0; b < state.rowCapacity.size(); ++b) {
        const std::int64_t left = state.active.counts.empty() ? considered : state.active.counts[b];
        counts.push_back(countOf(spec, state.rowCapacity[b][at], state.tokens(), left));
    }
    return counts;
}

/// gate [B, K], zero for padding.
at::Tensor withoutPadding(const at::Tensor& gate, const ActiveSet& active) {
    const at::Tensor valid = validOf(active);
    return valid.defined() ? gate * valid.to(gate.scalar_type()) : gate;
}

/// What recursion r of expert-choice decides by, [B, N] over the tokens considered.
struct Decision {
    at::Tensor logits;    // of the main router
    at::Tensor scores;    // g = G(logits)
    at::Tensor auxLogits; // of the auxiliary router where it decides or learns
};

Decision decide(const spec::RouterSpec& spec,
                const RouterWeights& router,
                const RoutedState& state,
                const at::Tensor& h) {
    Decision decision;
    decision.logits = routerLogits(spec, router.main, h).squeeze(-1);
    decision.scores = routerScore(spec, decision.logits);
    const bool wanted = state.losses || state.routing.settings.rule == Rule::Aux;
    if (wanted && !router.aux.empty()) {
        // It learns from the main router's choices and must not bend what that one reads.
        decision.auxLogits = routerLogits(spec, router.aux, h.detach()).squeeze(-1);
    }
    return decision;
}

Kept keepBest(const RoutedState& state,
              const at::Tensor& scores,
              const std::vector<std::int64_t>& counts) {
    return counts.size() == 1 ? keepRanked(state, scores, counts.front())
                              : keepRankedEach(state, scores, counts);
}

/// Writes down who is considered, with logits from which a gradient reaches the router alone.
void recordRanking(const spec::RouterSpec& spec,
                   const RouterWeights& router,
                   RoutedState& state,
                   const at::Tensor& considered,
                   const std::vector<std::int64_t>& counts) {
    const bool selects =
        std::ranges::any_of(counts, [&](std::int64_t count) { return count < considered.size(1); });
    if (state.keepsRankings && selects) {
        state.rankings.push_back({state.active.positions,
                                  routerLogits(spec, router.main, considered.detach()).squeeze(-1),
                                  validOf(state.active), counts});
    }
}

/// What top-k ranks the tokens considered by, [B, K]: their scores, unless an intervention says
/// otherwise.
at::Tensor rankedBy(const RoutedState& state, const at::Tensor& scores) {
    const at::Tensor by =
        state.rankBy.defined() ? state.rankBy.gather(1, state.active.positions) : scores;
    return state.inverted ? by.neg() : by;
}

/// The tokens that go on to recursion r, of those considered.
Kept selectTokens(RoutedState& state,
                  const Decision& decision,
                  const std::vector<std::int64_t>& counts,
                  int r) {
    if (state.forcedDepth.defined()) {
        return keepMarked(state, state.forcedDepth.gather(1, state.active.positions).gt(r));
    }
    const settings::RoutingSettings& requested = state.routing.settings;
    switch (requested.rule) {
    case Rule::TopK:
        return keepBest(state, rankedBy(state, decision.scores.detach()), counts);
    case Rule::Random:
        return keepBest(state, randomScores(state, decision.scores, r), counts);
    case Rule::Threshold:
    case Rule::Aux:
        if (r > 0) {
            const at::Tensor& by =
                requested.rule == Rule::Aux ? decision.auxLogits : decision.logits;
            return keepMarked(state, exceedsTau(requested, by));
        }
        break;
    default:
        break;
    }
    return keepAll(state);
}

} // namespace

void runExpertChoice(const spec::RouterSpec& spec,
                     const RouterWeights& router,
                     RoutedState& state,
                     const BlockFn& block,
                     int r) {
    ActiveSet& active = state.active;
    if (r == 0) {
        active = everyToken(state);
    } else if (active.positions.size(1) == 0) {
        return;
    }
    // Score: g = G(W h), of every token that is still considered.
    const at::Tensor considered =
        isEveryToken(state, active) ? state.x : ops::gatherRows(state.x, active.positions);
    const Decision decision = decide(spec, router, state, considered);
    recordScores(state, decision.scores);

    // Select: the capacity's best, or those over the threshold.
    const bool ranks =
        settings::ranksTokens(state.routing.settings.rule) && !state.forcedDepth.defined();
    const std::vector<std::int64_t> counts =
        ranks ? capacitiesOf(spec, state, r) : std::vector<std::int64_t>{};
    recordRanking(spec, router, state, considered, counts);
    const bool isSelective =
        counts.size() != 1 || counts.front() < considered.size(1) || !active.counts.empty();
    const Kept kept = isSelective ? selectTokens(state, decision, counts, r) : keepAll(state);
    if (state.losses) {
        addExpertLosses(spec, state, decision.logits, decision.auxLogits, kept.index);
    }
    const bool everyone = isEveryActive(active, kept);
    if (!everyone) {
        keepOnly(active, kept);
    }
    recordDepth(state);
    if (active.positions.size(1) == 0) {
        return;
    }
    const at::Tensor scores = everyone ? decision.scores : decision.scores.gather(1, kept.index);
    const at::Tensor gate = gateOf(spec, scores, state.x);

    // Recur: x += gate · F(h), or gate · (F(h) - h), where chosen; who is not chosen keeps the
    // state that it has.
    const at::Tensor h = everyone ? considered : ops::gatherRows(considered, kept.index);
    const at::Tensor weight = withoutPadding(gate, active);
    const at::Tensor change = changeOf(spec, block(h, active, r), h);
    state.x = isEveryToken(state, active)
                  ? at::addcmul(state.x, weight.unsqueeze(-1), change)
                  : ops::gatedScatter(state.x, active.positions, change, weight);
}

namespace {

/// Destination recursion of each token from 0, [B, T] int64. p [B, T, R].
at::Tensor
chosenDepths(const RouterWeights& router, const RoutedState& state, const at::Tensor& p) {
    const int deepest = state.routing.depth - 1;
    if (state.forcedDepth.defined()) {
        return (state.forcedDepth - 1).clamp(0, deepest);
    }
    if (state.routing.settings.rule == Rule::Fixed) {
        return at::full({state.rows(), state.tokens()}, deepest, p.options().dtype(at::kLong));
    }
    if (state.routing.settings.rule == Rule::Random) {
        const at::Tensor drawn = randomScores(state, p.select(-1, 0), 0);
        return (drawn * p.size(-1)).to(at::kLong).clamp_max(deepest);
    }
    return bestDepths(router, p, deepest);
}

/// All tokens take their decision: p = G(W x), depth = argmax p, gate = alpha · p of it.
void assignDepths(const spec::RouterSpec& spec, const RouterWeights& router, RoutedState& state) {
    const at::Tensor logits = routerLogits(spec, router.main, state.x);
    const at::Tensor plain = depthScores(spec, logits);
    const at::Tensor p = plain * spec.alpha;
    state.active = everyToken(state);
    ActiveSet& active = state.active;
    active.choice = chosenDepths(router, state, p);
    active.weight = weightOf(p, active.choice, state.x);
    active.packed = state.x;
    for (std::int64_t r = 0; r < p.size(-1); ++r) {
        recordScores(state, plain.select(-1, r));
    }
    if (state.losses) {
        addTokenLosses(spec, state, logits, p, active.choice);
    }
}

} // namespace

void runTokenChoice(const spec::RouterSpec& spec,
                    const RouterWeights& router,
                    RoutedState& state,
                    const BlockFn& block,
                    int r) {
    ActiveSet& active = state.active;
    if (r == 0) {
        assignDepths(spec, router, state);
    } else if (active.positions.size(1) == 0) {
        return;
    } else {
        const Kept kept = keepMarked(state, active.choice.ge(r)); // who has arrived leaves
        if (!isEveryActive(active, kept)) {
            keepOnly(active, kept);
        }
    }
    recordDepth(state);
    if (active.positions.size(1) == 0) {
        return;
    }
    // Recur on the packed states; x += gate · h, or gate · (h - x), for the tokens whose last
    // recursion this is.
    active.packed = block(active.packed, active, r);
    at::Tensor gate = withoutPadding(active.choice.eq(r).to(state.x.scalar_type()), active);
    if (spec.weightedGating) {
        gate = gate * active.weight;
    }
    const at::Tensor change = spec.movesTowards
                                  ? active.packed - ops::gatherRows(state.x, active.positions)
                                  : active.packed;
    state.x = ops::gatedScatter(state.x, active.positions, change, gate);
}

} // namespace depthscope::models
