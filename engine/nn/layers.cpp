// SPDX-License-Identifier: MIT
#include "engine/nn/layers.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

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

/// One new token: every cached entry is before it, so there is nothing to mask. Query heads of a
/// group are the rows of one small product, which spares the copies of repeatHeads.
at::Tensor attendOne(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale) {
    const auto B = q.size(0), H = q.size(1), E = q.size(3), G = k.size(1);
    const at::Tensor grouped = q.reshape({B * G, H / G, E});
    const at::Tensor keys = k.reshape({B * G, k.size(2), E});
    const at::Tensor values = v.reshape({B * G, v.size(2), E});
    const at::Tensor weights =
        at::softmax(at::bmm(grouped, keys.transpose(1, 2)).mul_(scale), -1, at::kFloat)
            .to(q.scalar_type());
    return at::bmm(weights, values).view({B, H, 1, E});
}

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const std::int64_t newTokens = q.size(2), keys = k.size(2);
    const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
    if (newTokens == 1 && !c10::GradMode::is_enabled()) {
        return attendOne(q, k, v, scale);
    }
    const std::int64_t group = q.size(1) / k.size(1);
    std::optional<at::Tensor> mask;
    if (keys > newTokens) {
        mask = at::ones({newTokens, keys}, q.options().dtype(at::kBool)).tril(keys - newTokens);
    }
    return at::scaled_dot_product_attention(q, repeatHeads(k, group), repeatHeads(v, group), mask,
                                            0.0, !mask.has_value(), scale);
}

at::Tensor attention(const LayerWeights& weights,
                     const LayerShape& shape,
                     const Rotary& angles,
                     const at::Tensor& x,
                     KvSlot* slot) {
    const at::Tensor q =
        rotate(splitHeads(at::linear(x, weights.q), shape.heads, shape.headDim), angles);
    const at::Tensor k =
        rotate(splitHeads(at::linear(x, weights.k), shape.kvHeads, shape.headDim), angles);
    const at::Tensor v = splitHeads(at::linear(x, weights.v), shape.kvHeads, shape.headDim);
    at::Tensor mixed;
    if (slot != nullptr) {
        slot->append(k, v);
        mixed = attend(q, slot->keys(), slot->values());
    } else {
        mixed = attend(q, k, v);
    }
    mixed = mixed.transpose(1, 2).reshape({x.size(0), x.size(1), shape.heads * shape.headDim});
    return at::linear(mixed, weights.o);
}

} // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true).add(epsilon));
    return (wide * scale).to(x.scalar_type()) * gain;
}

Rotary
rotary(const at::Tensor& positions, std::int64_t headDim, double theta, at::ScalarType dtype) {
    const auto options = positions.options().dtype(at::kFloat);
    const at::Tensor exponents =
        at::arange(0, headDim, 2, options).div(static_cast<double>(headDim));
    const at::Tensor frequencies =
        at::pow(at::scalar_tensor(theta, options), exponents).reciprocal();
    const at::Tensor angles = positions.to(at::kFloat).unsqueeze(-1) * frequencies;
    return {angles.cos().to(dtype), angles.sin().to(dtype)};
}

at::Tensor rotate(const at::Tensor& x, const Rotary& angles) {
    const auto halves = x.chunk(2, -1);
    const at::Tensor cosine = angles.cosine.unsqueeze(1);
    const at::Tensor sine = angles.sine.unsqueeze(1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine},
                   -1);
}

at::Tensor decoderLayer(const LayerWeights& weights,
                        const LayerShape& shape,
                        const Rotary& angles,
                        const at::Tensor& x,
                        KvSlot* slot) {
    const at::Tensor attended =
        x + attention(weights, shape, angles, rmsNorm(x, weights.inputNorm, shape.epsilon), slot);
    const at::Tensor h = rmsNorm(attended, weights.postNorm, shape.epsilon);
    const at::Tensor hidden = at::silu(at::linear(h, weights.gate)) * at::linear(h, weights.up);
    return attended + at::linear(hidden, weights.down);
}

} // namespace depthscope::nn
