// SPDX-License-Identifier: MIT
#include "engine/models/dit_block.h"

#include "engine/nn/linear.h"
#include "engine/ops/diffusion.h"

#include <ATen/ATen.h>

#include <cmath>
#include <optional>

namespace depthscope::models {

namespace {

constexpr double kEpsilon = 1e-6;

at::Tensor linear(const at::Tensor& x, const spec::LinearWeights<at::Tensor>& weights) {
    return nn::linear(x, weights.weight, weights.bias);
}

/// x + gate · y.
at::Tensor gated(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& y) {
    return at::addcmul(x, gate, y);
}

/// [B, H, frames · places, E] -> [B · frames, H, places, E], or with `alongTime`
/// [B · places, H, frames, E].
at::Tensor folded(const at::Tensor& x, std::int64_t places, bool alongTime) {
    const auto B = x.size(0), H = x.size(1), E = x.size(3), frames = x.size(2) / places;
    const at::Tensor grid = x.view({B, H, frames, places, E});
    return (alongTime ? grid.permute({0, 3, 1, 2, 4}) : grid.permute({0, 2, 1, 3, 4}))
        .reshape({-1, H, alongTime ? frames : places, E});
}

/// The way back to [B, H, frames · places, E].
at::Tensor unfolded(const at::Tensor& x, std::int64_t rows, std::int64_t places, bool alongTime) {
    const auto H = x.size(1), E = x.size(3);
    if (alongTime) {
        return x.view({rows, places, H, -1, E}).permute({0, 2, 3, 1, 4}).reshape({rows, H, -1, E});
    }
    return x.view({rows, -1, H, places, E}).permute({0, 2, 1, 3, 4}).reshape({rows, H, -1, E});
}

at::Tensor attention(const at::Tensor& queries, const SeenKeys& seen) {
    const double scale = 1.0 / std::sqrt(static_cast<double>(queries.size(3)));
    std::optional<at::Tensor> mask;
    if (seen.valid.defined()) {
        mask = seen.valid.unsqueeze(1).unsqueeze(1); // [B, 1, 1, S]
    }
    return at::scaled_dot_product_attention(queries, seen.kv.keys, seen.kv.values, mask, 0.0, false,
                                            scale);
}

/// [B, H, K, E] -> [B, K, D]
at::Tensor joined(const at::Tensor& x) {
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), -1});
}

/// Latte's attention: within each frame (the context needs not be seen), or of each place along the
/// time of both sides.
at::Tensor factorised(Side& side, int factor, const Projection& projection) {
    const std::int64_t places = side.grid.rows * side.grid.columns;
    const bool alongTime = factor == 1;
    const nn::KeysValues given = side.kv.given(projection.own);
    const auto fold = [&](const at::Tensor& own, const at::Tensor& before) {
        const bool both = alongTime && before.defined();
        return folded(both ? at::cat({before, own}, 2) : own, places, alongTime);
    };
    const nn::KeysValues seen{fold(projection.own.keys, given.keys),
                              fold(projection.own.values, given.values)};
    const at::Tensor mixed = attention(folded(projection.queries, places, alongTime), {seen, {}});
    return unfolded(mixed, projection.queries.size(0), places, alongTime);
}

} // namespace

namespace {

constexpr std::int64_t kVectors = 6;

/// all [B, 6, D]
Modulated partsOf(const at::Tensor& all) {
    const auto vectors = all.split(1, 1); // [B, 1, D] each
    return {vectors[0], vectors[1], vectors[2], vectors[3], vectors[4], vectors[5]};
}

} // namespace

Modulated modulationOf(const ModulationWeights& weights, const Side& side) {
    const at::Tensor all =
        weights.table.defined()
            ? side.shared.unflatten(1, {kVectors, -1}) + weights.table
            : linear(at::silu(side.condition), weights.projection).unflatten(1, {kVectors, -1});
    return partsOf(all.to(side.condition.scalar_type()));
}

std::vector<Modulated>
modulationsOf(const ModulationWeights& weights, const Side& side, const at::Tensor& steps) {
    const bool isShared = weights.table.defined();
    const at::Tensor c = at::silu(side.condition.unsqueeze(1) + steps); // [B, R, D]
    at::Tensor all = linear(c, isShared ? *side.sharedProjection : weights.projection)
                         .unflatten(2, {kVectors, -1});
    all = (isShared ? all + weights.table : all).to(side.condition.scalar_type());
    std::vector<Modulated> modulations;
    for (const at::Tensor& one : all.unbind(1)) {
        modulations.push_back(partsOf(one));
    }
    return modulations;
}

at::Tensor modulatedNorm(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& scale) {
    return ops::modulatedNorm(x, shift, scale, kEpsilon);
}

at::Tensor feedForward(const FeedForwardWeights& weights, const at::Tensor& x) {
    return linear(at::gelu(linear(x, weights.up), "tanh"), weights.down);
}

Projection projectTokens(const spec::VideoSpec& spec,
                         const VideoAttentionWeights& weights,
                         const at::Tensor& h,
                         const nn::Rotary& rotary) {
    const at::Tensor all =
        linear(h, weights.qkv).view({h.size(0), h.size(1), 3, spec.heads, spec.headWidth()});
    if (rotary.cosine.defined() && !weights.queryGain.defined()) {
        const at::Tensor both = ops::turnedHeads(all.narrow(2, 0, 2), rotary.cosine, rotary.sine);
        return {both[0], {both[1], all.select(2, 2).transpose(1, 2)}};
    }
    const at::Tensor parts = all.permute({2, 0, 3, 1, 4}); // [3, B, H, K, E]
    const auto finished = [&](const at::Tensor& part, const at::Tensor& gain) {
        const at::Tensor normed = gain.defined() ? nn::rmsNorm(part, gain, kEpsilon) : part;
        return rotary.cosine.defined() ? nn::rotate(normed, rotary) : normed;
    };
    return {finished(parts[0], weights.queryGain), {finished(parts[1], weights.keyGain), parts[2]}};
}

at::Tensor
attendTo(const VideoAttentionWeights& weights, const at::Tensor& queries, const SeenKeys& seen) {
    return linear(joined(attention(queries, seen)), weights.out);
}

at::Tensor runDitBlock(const spec::VideoSpec& spec,
                       const ModulatedBlock& block,
                       Side& side,
                       const BlockTokens& tokens,
                       const at::Tensor& x) {
    const auto& [weights, modulated] = block;
    const at::Tensor h = modulatedNorm(x, modulated.shift1, modulated.scale1);
    const Projection projection = projectTokens(spec, weights.attention, h, tokens.rotary);
    if (tokens.keysOnly) {
        static_cast<void>(side.kv.given(projection.own));
        return x;
    }
    const at::Tensor attended =
        tokens.factor < 0
            ? attendTo(weights.attention, projection.queries, {side.kv.seen(projection.own), {}})
            : linear(joined(factorised(side, tokens.factor, projection)), weights.attention.out);
    const at::Tensor mixed = gated(x, modulated.gate1, attended);
    return gated(
        mixed, modulated.gate2,
        feedForward(weights.feedForward, modulatedNorm(mixed, modulated.shift2, modulated.scale2)));
}

} // namespace depthscope::models
