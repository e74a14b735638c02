// SPDX-License-Identifier: MIT
#include "engine/models/recursion.h"

#include "engine/models/language_model.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <limits>

namespace depthscope::models {

using settings::Rule;

namespace {

/// Angles of some of the pass's columns. positions [B, K].
nn::Rotary rotaryAt(const nn::Rotary& all, const at::Tensor& positions) {
    const at::Tensor rows =
        positions.unsqueeze(-1).expand({positions.size(0), positions.size(1), all.cosine.size(2)});
    return {all.cosine.gather(1, rows), all.sine.gather(1, rows)};
}

at::Tensor runBlock(const ModelConfig& config,
                    const Weights& weights,
                    Pass& pass,
                    const at::Tensor& positions,
                    const at::Tensor& input,
                    int r) {
    const nn::Rotary angles = rotaryAt(pass.rotary, positions);
    const std::int64_t before = config.mor.sharing == Sharing::MiddleCycle ? 1 : 0;
    at::Tensor x = input;
    const auto& block = weights.block[static_cast<std::size_t>(r)];
    for (std::size_t j = 0; j < block.size(); ++j) {
        const std::int64_t layer = before + r * config.blockLayers() + static_cast<std::int64_t>(j);
        nn::KvSlot* slot = pass.cache != nullptr ? &pass.cache->slot(layer) : nullptr;
        x = nn::decoderLayer(block[j], layerShape(config), angles, x, slot);
    }
    return x;
}

/// Counts the tokens and adds one to their depth.
void recordDepth(Pass& pass, const ActiveSet& active) {
    pass.selected.push_back(active.positions);
    pass.activeTokens.push_back(active.positions.numel());
    const at::Tensor one =
        active.valid.defined() ? active.valid.to(at::kLong) : at::ones_like(active.positions);
    pass.depth.scatter_add_(1, active.positions, one);
}

void recordScores(Pass& pass, const ActiveSet& active, const at::Tensor& scores) {
    if (!pass.trace) {
        return;
    }
    const float nobody = std::numeric_limits<float>::quiet_NaN();
    at::Tensor wide = scores.detach().to(at::kFloat);
    if (active.valid.defined()) {
        wide = wide.masked_fill(active.valid.logical_not(), nobody);
    }
    const auto options = pass.x.options().dtype(at::kFloat);
    at::Tensor row = at::full(pass.ids.sizes(), nobody, options);
    row.scatter_(1, active.positions, wide);
    pass.scores.push_back(row);
}

struct Packed {
    at::Tensor index; // [B, K'] into the K tokens at hand
    at::Tensor valid; // [B, K'] bool; undefined: all valid
};

/// The marked columns of each row, in order, padded to the fullest row. Needs the count on the
/// host: a sync.
Packed packMarked(const at::Tensor& marked, Pass& pass) {
    const at::Tensor counts = marked.sum(1);
    const std::int64_t most = counts.max().item<std::int64_t>();
    ++pass.syncs;
    const at::Tensor order =
        std::get<1>(at::sort(marked.logical_not().to(at::kByte), /*stable=*/true, 1, false));
    Packed packed{order.narrow(1, 0, most), {}};
    if (marked.size(0) > 1) {
        packed.valid = at::arange(most, counts.options()).unsqueeze(0).lt(counts.unsqueeze(1));
    }
    return packed;
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

/// Index of the tokens that recursion r keeps, into those considered. logits, scores: [B, N].
Packed selectExperts(Pass& pass,
                     const ActiveSet& active,
                     const at::Tensor& logits,
                     const at::Tensor& scores,
                     int r) {
    switch (pass.routing.settings.rule) {
    case Rule::TopK:
        return {ops::topkPositions(scores.detach(), keptTokens(pass, r, scores.size(1))), {}};
    case Rule::Random:
        return {
            ops::topkPositions(randomScores(pass, scores, r), keptTokens(pass, r, scores.size(1))),
            {}};
    case Rule::Threshold:
        if (r > 0) {
            const at::Tensor over =
                at::sigmoid(logits.to(at::kFloat)).gt(pass.routing.settings.tau);
            return packMarked(active.valid.defined() ? over.logical_and(active.valid) : over, pass);
        }
        break;
    default:
        break;
    }
    const at::Tensor all = at::arange(scores.size(1), logits.options().dtype(at::kLong));
    return {all.unsqueeze(0).expand(scores.sizes()), {}};
}

/// routing.md 3.4: BCE of the raw logits against the selection, over the tokens considered.
void addExpertLosses(const ModelConfig& config,
                     Pass& pass,
                     const at::Tensor& logits,
                     const at::Tensor& kept) {
    const at::Tensor wide = logits.to(at::kFloat);
    const at::Tensor targets = at::zeros_like(wide).scatter_(1, kept, 1.0);
    RouterLosses& losses = pass.routerLosses;
    const at::Tensor bce = at::binary_cross_entropy_with_logits(wide, targets);
    losses.aux = losses.aux.defined() ? losses.aux + bce : bce;
    const at::Tensor agree = wide.detach().ge(0.0).eq(targets.gt(0.5)).to(at::kFloat).mean();
    losses.accuracy = losses.accuracy.defined() ? losses.accuracy + agree : agree;
    if (config.mor.zLoss) {
        const at::Tensor z = wide.square().mean();
        losses.z = losses.z.defined() ? losses.z + z : z;
    }
}

void addTokenLosses(const ModelConfig& config,
                    Pass& pass,
                    const at::Tensor& logits,
                    const at::Tensor& p,
                    const at::Tensor& choice) {
    const std::int64_t recursions = config.mor.recursions;
    const at::Tensor share =
        at::one_hot(choice, recursions).to(at::kFloat).mean(at::IntArrayRef{0, 1});
    const at::Tensor mean = p.to(at::kFloat).mean(at::IntArrayRef{0, 1});
    pass.routerLosses.balance = (mean * share).sum() * static_cast<double>(recursions);
    if (config.mor.zLoss) {
        pass.routerLosses.z = at::logsumexp(logits.to(at::kFloat), -1).square().mean();
    }
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
    const int deepest = pass.routing.depth - 1;
    if (pass.routing.settings.rule == Rule::Fixed) {
        active.choice = at::full(pass.ids.sizes(), deepest, pass.ids.options());
    } else {
        const at::Tensor ranked = weights.routerBias.defined() ? p + weights.routerBias : p;
        active.choice = ranked.argmax(-1).clamp_max(deepest);
    }
    active.weight = p.gather(-1, active.choice.unsqueeze(-1)).squeeze(-1).to(pass.x.scalar_type());
    const at::Tensor all = at::arange(pass.ids.size(1), pass.ids.options());
    active.positions = all.unsqueeze(0).expand(pass.ids.sizes()).contiguous();
    active.packed = pass.x;
    for (int r = 0; r < mor.recursions; ++r) {
        recordScores(pass, active, plain.select(-1, r));
    }
    pass.routerLogits.push_back(logits);
    if (pass.losses) {
        addTokenLosses(config, pass, logits, p, active.choice);
    }
}

} // namespace

at::Tensor
routerLogits(const MorConfig& mor, const std::vector<at::Tensor>& router, const at::Tensor& x) {
    const at::Tensor input = mor.temperature == 1.0 ? x : x / mor.temperature;
    if (router.size() == 1) {
        return at::linear(input, router[0]);
    }
    return at::linear(at::gelu(at::linear(input, router[0])), router[1]);
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
        const at::Tensor all = at::arange(pass.ids.size(1), pass.ids.options());
        active.positions = all.unsqueeze(0).expand(pass.ids.sizes()).contiguous();
    }
    const at::Tensor logits =
        routerLogits(mor, weights.routers[static_cast<std::size_t>(r)], considered).squeeze(-1);
    const at::Tensor scores = routerScore(mor, logits);
    recordScores(pass, active, scores);
    const Packed kept = selectExperts(pass, active, logits, scores, r);
    if (pass.losses) {
        addExpertLosses(config, pass, logits, kept.index);
    }
    pass.routerLogits.push_back(logits);
    active.positions = active.positions.gather(1, kept.index);
    active.valid = kept.valid;
    recordDepth(pass, active);
    if (active.positions.size(1) == 0) {
        return;
    }
    const double alpha = mor.function == RouterFunction::Identity ? 1.0 : mor.alpha;
    at::Tensor gate = mor.weightedGating ? scores.gather(1, kept.index) * alpha
                                         : at::ones(kept.index.sizes(), pass.x.options());
    if (active.valid.defined()) {
        gate = gate * active.valid.to(gate.scalar_type());
    }
    // In a ragged batch the index also moves pads to the end of their row.
    const bool everyone = !active.valid.defined() && active.positions.size(1) == considered.size(1);
    const at::Tensor chosen = everyone ? considered : ops::gatherRows(considered, kept.index);
    const at::Tensor h = runBlock(config, weights, pass, active.positions, chosen, r);
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
        at::Tensor goesOn = active.choice.ge(r);
        if (active.valid.defined()) {
            goesOn = goesOn.logical_and(active.valid);
        }
        const Packed kept = packMarked(goesOn, pass);
        active.positions = active.positions.gather(1, kept.index);
        active.choice = active.choice.gather(1, kept.index);
        active.weight = active.weight.gather(1, kept.index);
        active.packed = ops::gatherRows(active.packed, kept.index);
        active.valid = kept.valid;
    }
    recordDepth(pass, active);
    if (active.positions.size(1) == 0) {
        return;
    }
    active.packed = runBlock(config, weights, pass, active.positions, active.packed, r);
    at::Tensor gate = active.choice.eq(r).to(pass.x.scalar_type());
    if (active.valid.defined()) {
        gate = gate * active.valid.to(gate.scalar_type());
    }
    if (config.mor.weightedGating) {
        gate = gate * active.weight;
    }
    pass.x = ops::gatedScatter(pass.x, active.positions, active.packed, gate);
}

} // namespace depthscope::models
