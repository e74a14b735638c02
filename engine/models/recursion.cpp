// SPDX-License-Identifier: MIT
#include "engine/models/recursion.h"

#include "engine/base/error.h"
#include "engine/models/language_model.h"
#include "engine/nn/linear.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <limits>

namespace depthscope::models {

using settings::Rule;

namespace {

at::Tensor validOf(const ActiveSet& active) {
    return nn::validColumns(active.counts, active.positions.size(1), active.positions);
}

void recordScores(Pass& pass, const ActiveSet& active, const at::Tensor& scores) {
    if (!pass.trace) {
        return;
    }
    const float nobody = std::numeric_limits<float>::quiet_NaN();
    at::Tensor wide = scores.detach().to(at::kFloat);
    const at::Tensor valid = validOf(active);
    if (valid.defined()) {
        wide = wide.masked_fill(valid.logical_not(), nobody);
    }
    if (isEveryToken(pass, active)) {
        pass.scores.push_back(std::move(wide));
        return;
    }
    const auto options = pass.x.options().dtype(at::kFloat);
    at::Tensor row = at::full(pass.ids.sizes(), nobody, options);
    row.scatter_(1, active.positions, wide);
    pass.scores.push_back(row);
}

struct Packed {
    at::Tensor index;                 // [B, K'] into the K tokens at hand
    std::vector<std::int64_t> counts; // valid ones of each row; empty: all K'
};

/// The marked columns of each row, in order, padded to the fullest row. Needs the counts on the
/// host: a sync.
Packed packMarked(const at::Tensor& marked, Pass& pass) {
    if (marked.numel() == 1) { // decoding: no order to find
        ++pass.syncs;
        const std::int64_t count = marked.item<bool>() ? 1 : 0;
        return {at::zeros({1, count}, marked.options().dtype(at::kLong)), {}};
    }
    const at::Tensor sums = marked.sum(1).cpu();
    ++pass.syncs;
    const auto* data = sums.const_data_ptr<std::int64_t>();
    std::vector<std::int64_t> counts(data, data + sums.size(0));
    const std::int64_t most = *std::max_element(counts.begin(), counts.end());
    const at::Tensor order =
        std::get<1>(at::sort(marked.logical_not().to(at::kByte), /*stable=*/true, 1, false));
    if (std::all_of(counts.begin(), counts.end(), [most](auto count) { return count == most; })) {
        counts.clear();
    }
    return {order.narrow(1, 0, most), std::move(counts)};
}

std::int64_t keptTokens(const Pass& pass, int r, std::int64_t considered) {
    const auto& capacity = pass.routing.settings.capacity;
    const std::int64_t wanted = capacity[static_cast<std::size_t>(r)].of(pass.ids.size(1));
    return std::clamp<std::int64_t>(wanted, 1, considered);
}

at::Tensor randomScores(const Pass& pass, const at::Tensor& like, int r) {
    auto generator =
        at::make_generator<at::CPUGeneratorImpl>(pass.routing.seed + static_cast<std::uint64_t>(r));
    return at::rand(like.sizes(), generator, at::TensorOptions().dtype(at::kFloat))
        .to(like.device());
}

Packed keepMarked(Pass& pass, const ActiveSet& active, const at::Tensor& marked) {
    const at::Tensor valid = validOf(active);
    return packMarked(valid.defined() ? marked.logical_and(valid) : marked, pass);
}

Packed keepRanked(Pass& pass, const ActiveSet& active, const at::Tensor& scores, int r) {
    if (!active.counts.empty()) {
        throw Error(ErrorCode::Usage, "top-k routing of sequences of different lengths",
                    "Padding would compete for capacity: pass one sequence at a time.");
    }
    return {ops::topkPositions(scores, keptTokens(pass, r, scores.size(1))), {}};
}

/// What recursion r decides by: the router's logits and scores, [B, N] over the tokens considered,
/// and the auxiliary router's logits where it decides or learns.
struct Decision {
    at::Tensor logits;
    at::Tensor scores;
    at::Tensor auxLogits;
};

/// Index of the tokens that recursion r keeps, into those considered.
Packed selectExperts(Pass& pass, const ActiveSet& active, const Decision& decision, int r) {
    const settings::RoutingSettings& asked = pass.routing.settings;
    if (pass.forcedDepth.defined()) {
        return keepMarked(pass, active, pass.forcedDepth.gather(1, active.positions).gt(r));
    }
    switch (asked.rule) {
    case Rule::TopK:
        return keepRanked(pass, active, decision.scores.detach(), r);
    case Rule::Random:
        return keepRanked(pass, active, randomScores(pass, decision.scores, r), r);
    case Rule::Threshold:
    case Rule::Aux:
        if (r > 0) {
            const at::Tensor& by = asked.rule == Rule::Aux ? decision.auxLogits : decision.logits;
            return keepMarked(pass, active, at::sigmoid(by.to(at::kFloat)).gt(asked.tau));
        }
        break;
    default:
        break;
    }
    const at::Tensor all =
        at::arange(decision.scores.size(1), decision.logits.options().dtype(at::kLong));
    return {all.unsqueeze(0).expand(decision.scores.sizes()), active.counts};
}

void addTo(at::Tensor& sum, const at::Tensor& part) {
    sum = sum.defined() ? sum + part : part;
}

/// routing.md 3.4: BCE of the raw logits against the selection, over the tokens considered.
void addExpertLosses(const ModelConfig& config,
                     Pass& pass,
                     const Decision& decision,
                     const at::Tensor& kept) {
    const at::Tensor wide = decision.logits.to(at::kFloat);
    const at::Tensor targets = at::zeros_like(wide).scatter_(1, kept, 1.0);
    RouterLosses& losses = pass.routerLosses;
    addTo(losses.aux, at::binary_cross_entropy_with_logits(wide, targets));
    const at::Tensor& judged = decision.auxLogits.defined() ? decision.auxLogits : decision.logits;
    addTo(losses.accuracy, judged.detach().ge(0.0).eq(targets.gt(0.5)).to(at::kFloat).mean());
    if (decision.auxLogits.defined()) {
        addTo(losses.auxRouter,
              at::binary_cross_entropy_with_logits(decision.auxLogits.to(at::kFloat), targets));
    }
    if (config.mor.zLoss) {
        addTo(losses.z, wide.square().mean());
    }
}

void addTokenLosses(const ModelConfig& config,
                    Pass& pass,
                    const at::Tensor& logits,
                    const at::Tensor& p,
                    const at::Tensor& choice) {
    const std::int64_t recursions = config.recursion.count;
    const at::Tensor share =
        at::one_hot(choice, recursions).to(at::kFloat).mean(at::IntArrayRef{0, 1});
    const at::Tensor mean = p.to(at::kFloat).mean(at::IntArrayRef{0, 1});
    pass.routerLosses.balance = (mean * share).sum() * static_cast<double>(recursions);
    pass.tokenLoad = share;
    if (config.mor.zLoss) {
        pass.routerLosses.z = at::logsumexp(logits.to(at::kFloat), -1).square().mean();
    }
}

/// Destination recursion of each token from 0, [B, T] int64. p [B, T, R].
at::Tensor chosenDepths(const ModelConfig& config,
                        const Weights& weights,
                        const Pass& pass,
                        const at::Tensor& p) {
    const int deepest = pass.routing.depth - 1;
    if (pass.forcedDepth.defined()) {
        return (pass.forcedDepth - 1).clamp(0, deepest);
    }
    if (pass.routing.settings.rule == Rule::Fixed) {
        return at::full(pass.ids.sizes(), deepest, pass.ids.options());
    }
    if (pass.routing.settings.rule == Rule::Random) {
        const at::Tensor drawn = randomScores(pass, p.select(-1, 0), 0);
        return (drawn * config.recursion.count).to(at::kLong).clamp_max(deepest);
    }
    const at::Tensor ranked = weights.routerBias.defined() ? p + weights.routerBias : p;
    return ranked.argmax(-1).clamp_max(deepest);
}

/// Takes the decisions of routing.md 3.5 for all tokens of the pass.
void decideTokens(const ModelConfig& config,
                  const Weights& weights,
                  Pass& pass,
                  ActiveSet& active) {
    const MorConfig& mor = config.mor;
    const at::Tensor logits = routerLogits(mor, weights.routers[0], pass.x);
    const at::Tensor plain = mor.function == RouterFunction::Softmax
                                 ? at::softmax(logits, -1, at::kFloat)
                                 : at::sigmoid(logits);
    const at::Tensor p = plain * mor.alpha;
    active = everyToken(pass);
    active.choice = chosenDepths(config, weights, pass, p);
    active.weight = p.gather(-1, active.choice.unsqueeze(-1)).squeeze(-1).to(pass.x.scalar_type());
    active.packed = pass.x;
    for (int r = 0; r < config.recursion.count; ++r) {
        recordScores(pass, active, plain.select(-1, r));
    }
    if (pass.losses) {
        addTokenLosses(config, pass, logits, p, active.choice);
    }
}

} // namespace

at::Tensor
routerLogits(const MorConfig& mor, const std::vector<at::Tensor>& router, const at::Tensor& x) {
    const at::Tensor input = mor.temperature == 1.0 ? x : x / mor.temperature;
    if (router.size() == 1) {
        return nn::linear(input, router[0]);
    }
    return nn::linear(at::gelu(nn::linear(input, router[0])), router[1]);
}

at::Tensor routerScore(const MorConfig& mor, const at::Tensor& logits) {
    switch (mor.function) {
    case RouterFunction::Tanh:
        return at::tanh(logits);
    case RouterFunction::Identity:
        return logits;
    default:
        return at::sigmoid(logits);
    }
}

namespace {

/// considered [B, N, D] -> what recursion r decides by.
Decision decide(const ModelConfig& config,
                const Weights& weights,
                const Pass& pass,
                const at::Tensor& considered,
                int r) {
    const auto index = static_cast<std::size_t>(r);
    Decision decision;
    decision.logits = routerLogits(config.mor, weights.routers[index], considered).squeeze(-1);
    decision.scores = routerScore(config.mor, decision.logits);
    const bool wanted = pass.losses || pass.routing.settings.rule == Rule::Aux;
    if (wanted && !weights.auxRouters.empty()) {
        // It learns from the main router's choices and must not bend what that one reads.
        decision.auxLogits =
            routerLogits(config.mor, weights.auxRouters[index], considered.detach()).squeeze(-1);
    }
    return decision;
}

} // namespace

void runExpertRecursion(const ModelConfig& config,
                        const Weights& weights,
                        Pass& pass,
                        ActiveSet& active,
                        int r) {
    const MorConfig& mor = config.mor;
    const bool first = r == 0;
    if (!first && active.positions.size(1) == 0) {
        return;
    }
    const at::Tensor considered = first ? pass.x : ops::gatherRows(pass.x, active.positions);
    if (first) {
        active = everyToken(pass);
    }
    const Decision decision = decide(config, weights, pass, considered, r);
    recordScores(pass, active, decision.scores);
    const Packed kept = selectExperts(pass, active, decision, r);
    if (pass.losses) {
        addExpertLosses(config, pass, decision, kept.index);
    }
    active.positions = active.positions.gather(1, kept.index);
    active.counts = kept.counts;
    recordDepth(pass, active);
    if (active.positions.size(1) == 0) {
        return;
    }
    const double alpha = mor.function == RouterFunction::Identity ? 1.0 : mor.alpha;
    at::Tensor gate = mor.weightedGating
                          ? (decision.scores.gather(1, kept.index) * alpha).to(pass.x.scalar_type())
                          : at::ones(kept.index.sizes(), pass.x.options());
    const at::Tensor valid = validOf(active);
    if (valid.defined()) {
        gate = gate * valid.to(gate.scalar_type());
    }
    // In a ragged batch the index also moves pads to the end of their row.
    const bool everyone = active.counts.empty() && active.positions.size(1) == considered.size(1);
    const at::Tensor chosen = everyone ? considered : ops::gatherRows(considered, kept.index);
    const at::Tensor h = runBlock({config, weights, pass, active}, chosen, r);
    pass.x = ops::gatedScatter(pass.x, active.positions, h, gate);
}

void runTokenRecursion(const ModelConfig& config,
                       const Weights& weights,
                       Pass& pass,
                       ActiveSet& active,
                       int r) {
    if (r == 0) {
        decideTokens(config, weights, pass, active);
    } else {
        if (active.positions.size(1) == 0) {
            return;
        }
        const Packed kept = keepMarked(pass, active, active.choice.ge(r));
        active.positions = active.positions.gather(1, kept.index);
        active.choice = active.choice.gather(1, kept.index);
        active.weight = active.weight.gather(1, kept.index);
        active.packed = ops::gatherRows(active.packed, kept.index);
        active.counts = kept.counts;
    }
    recordDepth(pass, active);
    if (active.positions.size(1) == 0) {
        return;
    }
    active.packed = runBlock({config, weights, pass, active}, active.packed, r);
    at::Tensor gate = active.choice.eq(r).to(pass.x.scalar_type());
    const at::Tensor valid = validOf(active);
    if (valid.defined()) {
        gate = gate * valid.to(gate.scalar_type());
    }
    if (config.mor.weightedGating) {
        gate = gate * active.weight;
    }
    pass.x = ops::gatedScatter(pass.x, active.positions, active.packed, gate);
}

void runPlainRecursion(const ModelConfig& config, const Weights& weights, Pass& pass, int r) {
    const ActiveSet active = everyToken(pass);
    recordDepth(pass, active);
    pass.x = runBlock({config, weights, pass, active}, pass.x, r);
}

void runRepeatedLayer(const ModelConfig& config,
                      const Weights& weights,
                      Pass& pass,
                      std::int64_t j) {
    const ActiveSet active = everyToken(pass);
    const Places places = placesOf(pass, active);
    for (int r = 0; r < pass.routing.depth; ++r) {
        if (j == 0) {
            recordDepth(pass, active);
        }
        pass.x = runBlockLayer({config, weights, pass, active}, places, pass.x, r, j);
    }
}

} // namespace depthscope::models
