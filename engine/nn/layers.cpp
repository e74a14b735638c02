// SPDX-License-Identifier: MIT
#include "engine/nn/layers.h"

#include "engine/nn/linear.h"
#include "engine/nn/token_layer.h"
#include "engine/ops/layer.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace depthscope::nn {

namespace {

/// [B, K, heads·E] -> [B, heads, K, E]
at::Tensor splitHeads(const at::Tensor& x, std::int64_t heads, std::int64_t headDim) {
    return x.view({x.size(0), x.size(1), heads, headDim}).transpose(1, 2);
}

/// Each key head serves H/G query heads.
at::Tensor repeatHeads(const at::Tensor& x, std::int64_t times) {
    if (times == 1) {
        return x;
    }
    const auto B = x.size(0), G = x.size(1), K = x.size(2), E = x.size(3);
    return x.unsqueeze(2).expand({B, G, times, K, E}).reshape({B, G * times, K, E});
}

/// What a layer's queries look at. The mask is [B, 1, K, S] or [K, S] bool; undefined with
/// `causal` false: everything.
struct Attended {
    KeysValues entries;
    at::Tensor mask;
    bool causal = false;
};

/// q [B, H, K, E] -> [B, K, H·E]
at::Tensor attend(const at::Tensor& q, const Attended& to) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
    const auto& [keys, values] = to.entries;
    const std::int64_t group = q.size(1) / keys.size(1);
    std::optional<at::Tensor> mask;
    if (to.mask.defined()) {
        mask = to.mask;
    }
    // The flash kernels of a GPU take grouped heads as they are; others would repeat them, too.
    const bool asTheyAre = q.is_cuda() && q.scalar_type() == at::kBFloat16 && !mask;
    const std::int64_t times = asTheyAre ? 1 : group;
    return at::scaled_dot_product_attention(q, repeatHeads(keys, times), repeatHeads(values, times),
                                            mask, 0.0, to.causal && q.size(2) > 1, scale,
                                            asTheyAre && group > 1)
        .transpose(1, 2)
        .reshape({q.size(0), q.size(2), q.size(1) * q.size(3)});
}

/// Entry positions [B or 1, S] against query positions [B, K]; padding looks at everything.
at::Tensor maskByPosition(const at::Tensor& entries, const KvAccess& kv) {
    at::Tensor queries = kv.positions;
    const at::Tensor valid = validColumns(kv.counts, queries.size(1), queries);
    if (valid.defined()) {
        queries = queries.masked_fill(valid.logical_not(), kNoPosition);
    }
    return entries.unsqueeze(1).le(queries.unsqueeze(2)).unsqueeze(1);
}

/// The slot's entries and those of tokens that it lacks, which may stand behind the tokens at hand.
Attended attendToBoth(const KvSlot& slot, const KvAccess& kv) {
    const auto join = [](const at::Tensor& a, const at::Tensor& b) { return at::cat({a, b}, 2); };
    return {{join(slot.keys(), kv.older->keys), join(slot.values(), kv.older->values)},
            maskByPosition(at::cat({slot.positions(), kv.olderPositions}, 1), kv),
            false};
}

Attended attendToSlot(const KvSlot& slot, const at::Tensor& q, const KvAccess& kv) {
    if (kv.older != nullptr) {
        return attendToBoth(slot, kv);
    }
    Attended to{{slot.keys(), slot.values()}, {}, false};
    const std::int64_t newTokens = q.size(2), keys = slot.length();
    if (slot.ragged() || !kv.counts.empty()) {
        to.mask = maskByPosition(slot.positions(), kv);
    } else if (keys == newTokens) {
        to.causal = true;
    } else if (newTokens > 1) {
        to.mask = at::ones({newTokens, keys}, q.options().dtype(at::kBool)).tril(keys - newTokens);
    }
    return to;
}

/// The given entries with fresh ones laid over them at their positions.
KeysValues refreshed(const KeysValues& given, const KeysValues& fresh, const at::Tensor& at) {
    const auto B = given.keys.size(0), G = given.keys.size(1), S = given.keys.size(2),
               E = given.keys.size(3);
    // Unused and padded entries go to one more column, which is dropped again.
    const at::Tensor index = at.clamp_max(S).view({B, 1, -1, 1}).expand({B, G, at.size(1), E});
    const auto lay = [&](const at::Tensor& under, const at::Tensor& over) {
        return at::constant_pad_nd(under, {0, 0, 0, 1}).scatter(2, index, over).narrow(2, 0, S);
    };
    return {lay(given.keys, fresh.keys), lay(given.values, fresh.values)};
}

Attended attendToGiven(const KvAccess& kv, const KeysValues& own) {
    Attended to{*kv.given, {}, false};
    if (kv.refresh) {
        at::Tensor at = kv.positions;
        const at::Tensor valid = validColumns(kv.counts, at.size(1), at);
        if (valid.defined()) {
            at = at.masked_fill(valid.logical_not(), kNoPosition);
        }
        to.entries = kv.slot != nullptr ? refreshed(*kv.given, {kv.slot->keys(), kv.slot->values()},
                                                    kv.slot->positions())
                                        : refreshed(*kv.given, own, at);
    }
    const std::int64_t entries = to.entries.keys.size(2);
    if (!kv.lastOnly) {
        to.mask = maskByPosition(at::arange(entries, kv.positions.options()).unsqueeze(0), kv);
    }
    return to;
}

/// Elements 2i and 2i + 1 of each head to i and i + E/2, where rotate() turns them: of queries and
/// keys alike, whose products do not mind.
at::Tensor pairsApart(const at::Tensor& x) {
    return x.unflatten(-1, {x.size(-1) / 2, 2}).transpose(-1, -2).flatten(-2);
}

/// Queries of x, and its keys and values where wanted.
struct Projected {
    at::Tensor queries; // [B, H, K, E]
    KeysValues own;
};

/// From one matrix for all three.
Projected projectTogether(const LayerWeights& weights,
                          const LayerShape& shape,
                          const Rotary& angles,
                          const at::Tensor& h) {
    const std::vector<at::Tensor> parts = nn::linear(h, weights.qkv).chunk(3, -1);
    const auto turned = [&](const at::Tensor& part, std::int64_t which) {
        at::Tensor heads = splitHeads(part, shape.heads, shape.headDim);
        if (weights.qkBias.defined()) {
            heads = heads + weights.qkBias.select(0, which).transpose(0, 1);
        }
        return rotate(shape.turnsPairs ? pairsApart(heads) : heads, angles);
    };
    return {turned(parts[0], 0),
            {turned(parts[1], 1), splitHeads(parts[2], shape.heads, shape.headDim)}};
}

Projected project(const LayerWeights& weights,
                  const LayerShape& shape,
                  const Rotary& angles,
                  const at::Tensor& x,
                  bool wantOwn) {
    const at::Tensor h = rmsNorm(x, weights.inputNorm, shape.epsilon);
    if (weights.qkv.defined()) {
        return projectTogether(weights, shape, angles, h);
    }
    const auto heads = [&](const at::Tensor& weight, const at::Tensor& bias, std::int64_t count) {
        return splitHeads(nn::linear(h, weight, bias), count, shape.headDim);
    };
    Projected projected;
    projected.queries = rotate(heads(weights.q, weights.qBias, shape.heads), angles);
    if (wantOwn) {
        projected.own = {rotate(heads(weights.k, weights.kBias, shape.kvHeads), angles),
                         heads(weights.v, weights.vBias, shape.kvHeads)};
    }
    return projected;
}

/// What the tokens at hand look at; the slot grows by them.
Attended choose(const KvAccess& kv, const Projected& projected) {
    if (kv.slot != nullptr) {
        kv.slot->append(projected.own.keys, projected.own.values, kv.positions, kv.counts);
    }
    if (kv.given != nullptr) {
        return attendToGiven(kv, projected.own);
    }
    if (kv.slot != nullptr) {
        return attendToSlot(*kv.slot, projected.queries, kv);
    }
    return {projected.own, {}, projected.queries.size(2) > 1};
}

/// A token over its own cache, or over given entries of which it is the last.
bool fuses(const LayerWeights& weights, const KvAccess& kv) {
    if (kv.older != nullptr || weights.qBias.defined() || weights.oBias.defined() ||
        weights.attentionOutNorm.defined() || kv.made != nullptr || !kv.counts.empty()) {
        return false;
    }
    return kv.given != nullptr ? kv.lastOnly && !kv.refresh
                               : kv.slot != nullptr && !kv.slot->ragged();
}

at::Tensor fusedAttentionHalf(const LayerWeights& weights,
                              const LayerShape& shape,
                              const Rotary& angles,
                              const at::Tensor& x,
                              std::span<const KvAccess> kv) {
    std::vector<ops::TokenEntries> entries;
    for (const KvAccess& one : kv) {
        if (one.given != nullptr) {
            entries.push_back({one.given->keys, one.given->values, one.given->keys.size(2), false});
            continue;
        }
        one.slot->appendRoom(shape.kvHeads, shape.headDim, one.positions, x.options());
        entries.push_back(
            {one.slot->keyStorage(), one.slot->valueStorage(), one.slot->length(), true});
    }
    return ops::tokenAttention(x, {weights.inputNorm, weights.q, weights.k, weights.v, weights.o,
                                   angles.cosine, angles.sine, entries, shape.epsilon});
}

/// The states with what a part makes of them, and the norm that looped models have behind it.
at::Tensor joined(const at::Tensor& x,
                  const at::Tensor& part,
                  const at::Tensor& gain,
                  const LayerShape& shape) {
    if (!gain.defined()) {
        return x + part;
    }
    return shape.normsSum ? rmsNorm(x + part, gain, shape.epsilon)
                          : x + rmsNorm(part, gain, shape.epsilon);
}

/// x [B, K, D] with what attention adds to it. mixed [B, K, H·E].
at::Tensor attentionOf(const LayerWeights& weights,
                       const LayerShape& shape,
                       const at::Tensor& x,
                       const at::Tensor& mixed) {
    return joined(x, nn::linear(mixed, weights.o, weights.oBias), weights.attentionOutNorm, shape);
}

/// The first half of a layer over tokens of several sequences, without the fused operators.
at::Tensor attentionOfEach(const LayerWeights& weights,
                           const LayerShape& shape,
                           const Rotary& angles,
                           const at::Tensor& x,
                           std::span<const KvAccess> kv) {
    const bool wantOwn = std::ranges::any_of(
        kv, [](const KvAccess& one) { return one.given == nullptr || one.refresh; });
    const Projected all = project(weights, shape, angles, x, wantOwn);
    std::vector<at::Tensor> mixed;
    for (std::size_t i = 0; i < kv.size(); ++i) {
        const auto own = [i](const at::Tensor& t) {
            return t.defined() ? t.narrow(0, static_cast<std::int64_t>(i), 1) : t;
        };
        const Projected one{own(all.queries), {own(all.own.keys), own(all.own.values)}};
        mixed.push_back(attend(one.queries, choose(kv[i], one)));
    }
    return attentionOf(weights, shape, x, at::cat(mixed));
}

/// x + feed-forward(norm(x)), the second half of a layer.
at::Tensor feedForwardHalf(const LayerWeights& weights,
                           const LayerShape& shape,
                           const at::Tensor& x,
                           bool fused) {
    if (fused && !weights.gateBias.defined() && !weights.feedForwardOutNorm.defined()) {
        return ops::tokenFeedForward(
            x, {weights.postNorm, weights.gate, weights.up, weights.down, shape.epsilon});
    }
    const at::Tensor h = rmsNorm(x, weights.postNorm, shape.epsilon);
    const std::vector<at::Tensor> both =
        weights.gateUp.defined()
            ? nn::linear(h, weights.gateUp).chunk(2, -1)
            : std::vector<at::Tensor>{nn::linear(h, weights.gate, weights.gateBias),
                                      nn::linear(h, weights.up, weights.upBias)};
    const at::Tensor out = nn::linear(ops::gated(both[0], both[1]), weights.down, weights.downBias);
    return joined(x, out, weights.feedForwardOutNorm, shape);
}

at::Tensor scaled(const at::Tensor& frequencies, const spec::RopeScaling& scaling) {
    if (scaling.kind == spec::RopeScaling::Kind::None) {
        return frequencies;
    }
    at::Tensor stretched = frequencies / scaling.factor;
    if (scaling.kind == spec::RopeScaling::Kind::Linear) {
        return stretched;
    }
    // Turns within the trained context, from lowFactor (0) to highFactor (1).
    const at::Tensor turns = frequencies * (scaling.trainedContext / (2 * std::numbers::pi));
    const at::Tensor kept =
        ((turns - scaling.lowFactor) / (scaling.highFactor - scaling.lowFactor)).clamp(0, 1);
    return kept * frequencies + (1 - kept) * stretched;
}

} // namespace

bool areTokens(const at::Tensor& x) {
    return x.size(1) == 1 && !c10::GradMode::is_enabled() &&
           (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

bool isToken(const at::Tensor& x) {
    return x.size(0) == 1 && areTokens(x);
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    return ops::rmsNorm(x, gain, epsilon);
}

at::Tensor rotaryFrequencies(std::int64_t headDim, double theta, const spec::RopeScaling& scaling) {
    const at::Tensor exponents =
        at::arange(0, headDim, 2, at::kFloat).div(static_cast<double>(headDim));
    return scaled(at::pow(at::scalar_tensor(theta, at::kFloat), exponents).reciprocal(), scaling);
}

Rotary rotary(const at::Tensor& positions, const at::Tensor& frequencies, at::ScalarType dtype) {
    const at::Tensor angles = positions.to(at::kFloat).unsqueeze(-1) * frequencies;
    return {angles.cos().to(dtype), angles.sin().to(dtype)};
}

at::Tensor rotate(const at::Tensor& x, const Rotary& angles) {
    return ops::rotateHalves(x, angles.cosine.unsqueeze(1), angles.sine.unsqueeze(1));
}

at::Tensor attentionHalf(const LayerWeights& weights,
                         const LayerShape& shape,
                         const Rotary& angles,
                         const at::Tensor& x,
                         const KvAccess& kv) {
    if (isToken(x) && fuses(weights, kv)) {
        return fusedAttentionHalf(weights, shape, angles, x, {&kv, 1});
    }
    Projected projected = project(weights, shape, angles, x, kv.given == nullptr || kv.refresh);
    const at::Tensor mixed = attend(projected.queries, choose(kv, projected));
    if (kv.made != nullptr) {
        *kv.made = std::move(projected.own);
    }
    return attentionOf(weights, shape, x, mixed);
}

at::Tensor
swiglu(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down) {
    return nn::linear(ops::gated(nn::linear(x, gate), nn::linear(x, up)), down);
}

at::Tensor decoderLayer(const LayerWeights& weights,
                        const LayerShape& shape,
                        const Rotary& angles,
                        const at::Tensor& x,
                        const KvAccess& kv) {
    return feedForwardHalf(weights, shape, attentionHalf(weights, shape, angles, x, kv),
                           isToken(x));
}

at::Tensor decoderLayer(const LayerWeights& weights,
                        const LayerShape& shape,
                        const Rotary& angles,
                        const at::Tensor& x,
                        std::span<const KvAccess> kv) {
    const bool fused = areTokens(x);
    const bool attends =
        fused && std::ranges::all_of(kv, [&](const KvAccess& one) { return fuses(weights, one); });
    return feedForwardHalf(weights, shape,
                           attends ? fusedAttentionHalf(weights, shape, angles, x, kv)
                                   : attentionOfEach(weights, shape, angles, x, kv),
                           fused);
}

at::Tensor
validColumns(std::span<const std::int64_t> counts, std::int64_t width, const at::Tensor& like) {
    if (counts.empty()) {
        return {};
    }
    const at::Tensor rows = at::tensor(at::ArrayRef<std::int64_t>(counts.data(), counts.size()),
                                       at::TensorOptions().dtype(at::kLong))
                                .to(like.device());
    return at::arange(width, rows.options()).unsqueeze(0).lt(rows.unsqueeze(1));
}

} // namespace depthscope::nn
