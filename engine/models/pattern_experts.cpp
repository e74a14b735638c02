// SPDX-License-Identifier: MIT
#include "engine/models/pattern_experts.h"

#include "engine/base/random.h"
#include "engine/models/expert_groups.h"
#include "engine/nn/linear.h"
#include "engine/ops/diffusion.h"
#include "engine/ops/route.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <vector>

namespace depthscope::models {

using spec::PatternMode;

namespace {

constexpr std::int64_t kExperts = spec::kPatterns;
constexpr double kEpsilon = 1e-6;

at::Tensor linear(const at::Tensor& x, const spec::LinearWeights<at::Tensor>& weights) {
    return nn::linear(x, weights.weight, weights.bias);
}

/// All that one call has at hand.
struct Stage {
    const spec::VideoSpec& spec;
    const PatternWeights& weights;
    Side& side;
    const PatternRequest& request;
    PatternMode mode;
    Modulated modulated;

    [[nodiscard]] const spec::PatternExpertSpec& patterns() const { return *spec.patterns; }
};

/// [B, N] int64 drawn row by row, so that a row does not depend on its neighbours.
at::Tensor drawnExperts(const at::Tensor& p, std::vector<std::uint64_t> seeds) {
    constexpr std::uint64_t kKey = 0x65787065727473ULL; // others than those of the recursions
    seeds.resize(static_cast<std::size_t>(p.size(0)));
    std::vector<at::Tensor> rows;
    for (const std::uint64_t seed : seeds) {
        auto generator = at::make_generator<at::CPUGeneratorImpl>(SplitMix(seed ^ kKey).next());
        rows.push_back(at::randint(kExperts, {p.size(1)}, generator, at::kLong));
    }
    return at::stack(rows).to(p.device());
}

/// Each expert takes its best ceil(factor · N / 4) tokens of the clip.
void chooseByExpert(const Stage& stage, const at::Tensor& p, PatternChoice& choice) {
    const std::int64_t B = p.size(0), N = p.size(1);
    const Fraction factor{stage.patterns().capacityFactor.numerator,
                          stage.patterns().capacityFactor.denominator * kExperts};
    const std::int64_t k = std::clamp<std::int64_t>(factor.ofUp(N), 1, N);
    const at::Tensor byExpert = p.detach().transpose(1, 2).reshape({B * kExperts, N});
    choice.token = ops::topkPositions(byExpert, k).view({B, kExperts * k});
    choice.expert = at::arange(kExperts, choice.token.options())
                        .repeat_interleave(k)
                        .unsqueeze(0)
                        .expand({B, kExperts * k})
                        .contiguous();
    choice.weight = p.flatten(1).gather(1, choice.token * kExperts + choice.expert);
}

/// All four experts of every token.
void chooseAll(const at::Tensor& p, PatternChoice& choice) {
    const std::int64_t B = p.size(0), N = p.size(1);
    const at::Tensor all =
        at::arange(N * kExperts, p.options().dtype(at::kLong).requires_grad(false));
    choice.token = all.div(kExperts, "floor").unsqueeze(0).expand({B, -1}).contiguous();
    choice.expert = all.remainder(kExperts).unsqueeze(0).expand({B, -1}).contiguous();
    choice.weight = p.flatten(1);
}

at::Tensor oneExpert(const at::Tensor& p, spec::Pattern pattern) {
    return at::full({p.size(0), p.size(1)}, static_cast<std::int64_t>(pattern),
                    at::TensorOptions(p.device()).dtype(at::kLong));
}

/// One expert of every token.
at::Tensor chosenExperts(const Stage& stage, const at::Tensor& p) {
    if (stage.request.forced) {
        return oneExpert(p, *stage.request.forced);
    }
    if (stage.mode == PatternMode::Layer) {
        return oneExpert(p, stage.patterns().layerPattern);
    }
    if (stage.mode == PatternMode::Random) {
        return drawnExperts(p, stage.request.seeds);
    }
    const at::Tensor& balance = stage.weights.balance;
    return (balance.defined() ? p.detach() + balance : p.detach()).argmax(-1);
}

/// h [B, N, D].
void choose(const Stage& stage, const at::Tensor& h, PatternChoice& choice) {
    const at::Tensor logits = nn::linear(h, stage.weights.router);
    const at::Tensor p =
        at::softmax(logits, -1, logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
    if (stage.mode == PatternMode::Expert && !stage.request.forced) {
        chooseByExpert(stage, p, choice);
    } else if (stage.mode == PatternMode::Soft && !stage.request.forced) {
        chooseAll(p, choice);
    } else {
        choice.expert = chosenExperts(stage, p);
        choice.weight = p.gather(-1, choice.expert.unsqueeze(-1)).squeeze(-1);
    }
    if (stage.request.losses) {
        choice.shares = choice.expert.unsqueeze(-1)
                            .eq(at::arange(kExperts, choice.expert.options()))
                            .to(at::kFloat)
                            .mean(at::IntArrayRef{0, 1});
        if (stage.patterns().balanceCoefficient > 0) {
            choice.balance = (choice.shares * p.to(at::kFloat).mean(at::IntArrayRef{0, 1})).sum() *
                             static_cast<double>(kExperts);
        }
    }
}

/// [B, N, D] of the tokens -> [B, Q, D] of the choices.
at::Tensor ofChoices(const at::Tensor& x, const PatternChoice& choice) {
    return choice.token.defined() ? ops::gatherRows(x, choice.token) : x;
}

/// [B, Q, D] of the choices -> [B, N, D], summed by token.
at::Tensor ofTokens(const at::Tensor& y, const PatternChoice& choice, std::int64_t tokens) {
    if (!choice.token.defined()) {
        return y;
    }
    return at::zeros({y.size(0), tokens, y.size(2)}, y.options().requires_grad(false))
        .scatter_add(1, choice.token.unsqueeze(-1).expand(y.sizes()), y);
}

/// What reaches the token of a choice's y [B, Q, D]. Without a gradient the straight-through gate
/// is 1 and is not multiplied by.
at::Tensor gated(const Stage& stage, const at::Tensor& y, const PatternChoice& choice) {
    const at::Tensor p = choice.weight.to(y.scalar_type()).unsqueeze(-1);
    if (stage.mode == PatternMode::Soft && !stage.request.forced) {
        return y * p;
    }
    if (stage.patterns().gate == spec::PatternGate::Scaled) {
        return y * (p * static_cast<double>(kExperts));
    }
    return c10::GradMode::is_enabled() && p.requires_grad() ? y * (p - p.detach() + 1.0) : y;
}

/// H minus H of the same place one frame before; 0 where there is none.
at::Tensor differenceOf(const Stage& stage, const at::Tensor& h) {
    const std::int64_t places = stage.side.grid.rows * stage.side.grid.columns;
    const at::Tensor before = stage.side.kv.frameBefore(h.narrow(1, h.size(1) - places, places));
    return h - at::cat({before.defined() ? before.to(h.scalar_type()) : h.narrow(1, 0, places),
                        h.narrow(1, 0, h.size(1) - places)},
                       1);
}

/// q [B, Q, D] with the Motion expert's difference added where it was chosen.
at::Tensor withMotion(const Stage& stage,
                      const PatternChoice& choice,
                      const ExpertGroups& groups,
                      const at::Tensor& q,
                      const at::Tensor& difference) {
    constexpr auto kMotion = static_cast<std::size_t>(spec::Pattern::Motion);
    const at::Tensor moved = ofChoices(difference, choice);
    if (groups.tileExperts.defined()) {
        const at::Tensor isMotion = choice.expert.eq(static_cast<std::int64_t>(kMotion));
        return q +
               nn::linear(moved, stage.weights.motion) * isMotion.unsqueeze(-1).to(q.scalar_type());
    }
    const std::int64_t count = groups.counts[kMotion];
    if (count == 0) {
        return q;
    }
    const at::Tensor rows =
        groups.order.narrow(0, groups.counts[0] + groups.counts[1], count).unsqueeze(0);
    const at::Tensor added =
        nn::linear(ops::gatherRows(moved.flatten(0, 1).unsqueeze(0), rows), stage.weights.motion);
    return ops::gatedScatter(q.flatten(0, 1).unsqueeze(0), rows, added,
                             at::ones(rows.sizes(), q.options().requires_grad(false)))
        .view(q.sizes());
}

/// [B, K, D] -> [B, H, K, E], normed and rotated as the spec says; an undefined rotary turns
/// nothing.
at::Tensor
headsOf(const Stage& stage, const at::Tensor& x, const at::Tensor& gain, const nn::Rotary& rotary) {
    const at::Tensor parted =
        x.view({x.size(0), x.size(1), stage.spec.heads, stage.spec.headWidth()});
    if (rotary.cosine.defined() && !gain.defined()) {
        return ops::turnedHeads(parted.unsqueeze(2), rotary.cosine, rotary.sine)[0];
    }
    at::Tensor heads = parted.transpose(1, 2);
    if (gain.defined()) {
        heads = nn::rmsNorm(heads, gain, kEpsilon);
    }
    return rotary.cosine.defined() ? nn::rotate(heads, rotary) : heads;
}

/// The side's rotary of the token of each choice.
nn::Rotary rotaryOf(const Side& side, const PatternChoice& choice) {
    if (!choice.token.defined() || !side.rotary.cosine.defined()) {
        return side.rotary;
    }
    const auto of = [&](const at::Tensor& all) {
        const std::int64_t B = choice.token.size(0);
        return ops::gatherRows(all.expand({B, all.size(1), all.size(2)}), choice.token);
    };
    return {of(side.rotary.cosine), of(side.rotary.sine)};
}

/// What the Context expert remembers: keys, without a place, and values of the registers, for every
/// clip.
nn::KeysValues registersOf(const Stage& stage, std::int64_t clips) {
    const VideoAttentionWeights& attention = stage.weights.attention;
    const std::int64_t D = stage.spec.width;
    const at::Tensor both =
        nn::linear(stage.weights.registers, attention.qkv.weight.narrow(0, D, 2 * D),
                   attention.qkv.bias.narrow(0, D, 2 * D));
    const auto parts = both.view({-1, 2, stage.spec.heads, stage.spec.headWidth()})
                           .permute({1, 2, 0, 3}) // [2, H, G, E]
                           .unsqueeze(1)
                           .expand({2, clips, -1, -1, -1})
                           .unbind(0);
    const at::Tensor& gain = attention.keyGain;
    return {gain.defined() ? nn::rmsNorm(parts[0], gain, kEpsilon) : parts[0], parts[1]};
}

/// Attention of every choice over the keys of its expert, projected: [B, Q, D].
at::Tensor attention(const Stage& stage,
                     PatternLists& lists,
                     const PatternChoice& choice,
                     const ExpertGroups& groups,
                     const at::Tensor& h) {
    const VideoAttentionWeights& weights = stage.weights.attention;
    Side& side = stage.side;
    const std::int64_t B = h.size(0), N = h.size(1), places = side.grid.rows * side.grid.columns;
    const auto parts = linear(h, weights.qkv).chunk(3, -1);
    const nn::KeysValues own{headsOf(stage, parts[1], weights.keyGain, side.rotary),
                             headsOf(stage, parts[2], {}, {})};
    const at::Tensor q =
        withMotion(stage, choice, groups, ofChoices(parts[0], choice), differenceOf(stage, h));
    const at::Tensor queries = headsOf(stage, q, weights.queryGain, rotaryOf(side, choice));
    const nn::KeysValues given = side.kv.given(own);
    const nn::KeysValues registers = registersOf(stage, B);
    constexpr int kTokens = 2;
    const bool alone = !given.keys.defined();
    const auto together = [&](const at::Tensor& before, const at::Tensor& mine,
                              const at::Tensor& learned) {
        return alone ? at::cat({mine, learned}, kTokens)
                     : at::cat({before, mine, learned}, kTokens);
    };
    const PatternShape shape{.givenFrames = alone ? 0 : given.keys.size(kTokens) / places,
                             .firstFrame = side.firstFrame,
                             .frames = side.grid.frames,
                             .rows = side.grid.rows,
                             .columns = side.grid.columns,
                             .registers = stage.patterns().registers};
    const at::Tensor token =
        choice.token.defined() ? choice.token : at::arange(N, choice.expert.options()).unsqueeze(0);
    const at::Tensor attended =
        ops::listedAttention(queries, together(given.keys, own.keys, registers.keys),
                             together(given.values, own.values, registers.values),
                             lists.of(shape, h.device()), choice.expert * N + token);
    return linear(attended, weights.out);
}

at::Tensor withTags(const Stage& stage, const PatternChoice& choice, const at::Tensor& x) {
    const bool wanted = stage.spec.recursion && stage.spec.recursion->expertTags;
    if (!wanted || !stage.weights.tags.defined()) {
        return x;
    }
    at::Tensor tags = at::embedding(stage.weights.tags, choice.expert);
    if (stage.mode == PatternMode::Soft && !stage.request.forced) {
        tags = tags * choice.weight.to(tags.scalar_type()).unsqueeze(-1);
    }
    return x + ofTokens(tags, choice, x.size(1));
}

} // namespace

at::Tensor runPatternExperts(const PatternExperts& experts,
                             Side& side,
                             const PatternRequest& request,
                             const at::Tensor& x,
                             PatternChoice& choice) {
    const Stage stage{experts.spec,
                      experts.weights,
                      side,
                      request,
                      request.mode.value_or(experts.spec.patterns->mode),
                      modulationOf(experts.weights.modulation, side)};
    const Modulated& modulated = stage.modulated;
    const at::Tensor h = modulatedNorm(x, modulated.shift1, modulated.scale1);
    choose(stage, h, choice);
    const ExpertGroups groups = groupRows(choice.expert.flatten());
    const at::Tensor attended = attention(stage, experts.lists, choice, groups, h);
    const at::Tensor mixed = at::addcmul(
        x, modulated.gate1, ofTokens(gated(stage, attended, choice), choice, x.size(1)));
    const at::Tensor h2 = modulatedNorm(mixed, modulated.shift2, modulated.scale2);
    const at::Tensor fed =
        groupedFeedForward(experts.weights.experts, groups, ofChoices(h2, choice).flatten(0, 1))
            .view({x.size(0), -1, x.size(2)});
    const at::Tensor out =
        at::addcmul(mixed, modulated.gate2, ofTokens(gated(stage, fed, choice), choice, x.size(1)));
    return withTags(stage, choice, out);
}

void balancePatterns(at::Tensor& balance, const at::Tensor& shares, double rate) {
    const c10::NoGradGuard noGrad;
    balance.add_((1.0 / static_cast<double>(kExperts) - shares).sign(), rate);
}

} // namespace depthscope::models
