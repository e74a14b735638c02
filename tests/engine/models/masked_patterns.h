// SPDX-License-Identifier: MIT
// Stage 1 as it is defined, without a thought of speed: every expert computes every token over all
// keys with a boolean mask, and what was not chosen is multiplied by 0. The reference of the fast
// path.
#pragma once

#include "engine/models/pattern_experts.h"

#include <ATen/ATen.h>

#include <cstdlib>
#include <vector>

namespace depthscope::tests {

struct MaskedPatterns {
    const spec::VideoSpec& spec;
    const models::PatternWeights& weights;
    const models::Side& side;
    nn::KeysValues given{}; ///< of the context side; undefined: none
    at::Tensor lastFrame{}; ///< of the context side
    bool isSoft = false;

    [[nodiscard]] at::Tensor linear(const at::Tensor& x,
                                    const spec::LinearWeights<at::Tensor>& by) const {
        return at::linear(x, by.weight, by.bias);
    }

    [[nodiscard]] std::int64_t places() const { return side.grid.rows * side.grid.columns; }

    [[nodiscard]] at::Tensor heads(const at::Tensor& x, bool rotated) const {
        const at::Tensor parts =
            x.reshape({x.size(0), x.size(1), spec.heads, spec.headWidth()}).transpose(1, 2);
        return rotated ? nn::rotate(parts, side.rotary) : parts;
    }

    /// [N, S] bool by the definition of the patterns.
    [[nodiscard]] at::Tensor maskOf(spec::Pattern pattern, std::int64_t givenFrames) const {
        const std::int64_t P = places(), N = side.grid.count(), G = spec.patterns->registers;
        at::Tensor mask = at::zeros({N, givenFrames * P + N + G}, at::kBool);
        for (std::int64_t i = 0; i < N; ++i) {
            const std::int64_t f = side.firstFrame + i / P, y = i % P / side.grid.columns,
                               x = i % side.grid.columns;
            for (std::int64_t s = 0; s < mask.size(1); ++s) {
                const bool isRegister = s >= givenFrames * P + N;
                const std::int64_t at = s / P < givenFrames ? s : s - givenFrames * P;
                const std::int64_t g = s / P < givenFrames ? at / P : side.firstFrame + at / P;
                const std::int64_t v = at % P / side.grid.columns, u = at % side.grid.columns;
                const bool same = f == g && y == v && x == u;
                const bool near =
                    std::abs(f - g) <= 1 && std::abs(y - v) <= 1 && std::abs(x - u) <= 1;
                const bool sees = pattern == spec::Pattern::Temporal  ? y == v && x == u
                                  : pattern == spec::Pattern::Spatial ? f == g
                                  : pattern == spec::Pattern::Motion  ? near
                                                                      : same;
                mask[i][s] = isRegister ? pattern == spec::Pattern::Context : sees;
            }
        }
        return mask;
    }

    /// [B, N, 4]: the gate of each expert of each token, 0 where it was not chosen.
    [[nodiscard]] at::Tensor gates(const at::Tensor& h, const models::PatternChoice& choice) const {
        const at::Tensor p = at::softmax(at::linear(h, weights.router), -1);
        const at::Tensor token =
            choice.token.defined()
                ? choice.token
                : at::arange(h.size(1)).unsqueeze(0).expand(choice.expert.sizes());
        const at::Tensor chosen = at::zeros_like(p)
                                      .detach()
                                      .flatten(1)
                                      .scatter(1, token * spec::kPatterns + choice.expert, 1.0)
                                      .view(p.sizes());
        if (isSoft) {
            return chosen * p;
        }
        return spec.patterns->gate == spec::PatternGate::Scaled ? chosen * p * 4
                                                                : chosen * (1 + p - p.detach());
    }

    [[nodiscard]] at::Tensor attended(spec::Pattern pattern, const at::Tensor& h) const {
        const std::int64_t P = places(), B = h.size(0), D = spec.width;
        at::Tensor q = linear(h, weights.attention.qkv).narrow(2, 0, D);
        const at::Tensor k = linear(h, weights.attention.qkv).narrow(2, D, D);
        const at::Tensor v = linear(h, weights.attention.qkv).narrow(2, 2 * D, D);
        if (pattern == spec::Pattern::Motion) {
            const at::Tensor first = lastFrame.defined() ? lastFrame : h.narrow(1, 0, P);
            const at::Tensor before = at::cat({first, h.narrow(1, 0, h.size(1) - P)}, 1);
            q = q + at::linear(h - before, weights.motion);
        }
        const at::Tensor remembered =
            linear(weights.registers.unsqueeze(0), weights.attention.qkv).expand({B, -1, -1});
        std::vector<at::Tensor> keys{heads(k, true), heads(remembered.narrow(2, D, D), false)};
        std::vector<at::Tensor> values{heads(v, false),
                                       heads(remembered.narrow(2, 2 * D, D), false)};
        if (given.keys.defined()) {
            keys.insert(keys.begin(), given.keys);
            values.insert(values.begin(), given.values);
        }
        const std::int64_t frames = given.keys.defined() ? given.keys.size(2) / P : 0;
        const at::Tensor mixed = at::scaled_dot_product_attention(
            heads(q, true), at::cat(keys, 2), at::cat(values, 2), maskOf(pattern, frames));
        return linear(mixed.transpose(1, 2).flatten(2), weights.attention.out);
    }

    [[nodiscard]] at::Tensor run(const at::Tensor& x, const models::PatternChoice& choice) const {
        const models::Modulated m = models::modulationOf(weights.modulation, side);
        const auto normed = [](const at::Tensor& t, const at::Tensor& shift,
                               const at::Tensor& scale) {
            const at::Tensor centred = t - t.mean(-1, true);
            return centred * at::rsqrt(centred.square().mean(-1, true) + 1e-6) * (1 + scale) +
                   shift;
        };
        const at::Tensor h = normed(x, m.shift1, m.scale1);
        const at::Tensor gate = gates(h, choice);
        at::Tensor y = at::zeros_like(x), z = at::zeros_like(x), tags = at::zeros_like(x);
        const at::Tensor chosen = isSoft ? gate : gate.detach().gt(0).to(x.scalar_type());
        for (std::int64_t e = 0; e < spec::kPatterns; ++e) {
            y = y + gate.narrow(2, e, 1) * attended(static_cast<spec::Pattern>(e), h);
        }
        const at::Tensor mixed = x + m.gate1 * y;
        const at::Tensor h2 = normed(mixed, m.shift2, m.scale2);
        for (std::int64_t e = 0; e < spec::kPatterns; ++e) {
            const auto& expert = weights.experts.at(static_cast<std::size_t>(e));
            z = z +
                gate.narrow(2, e, 1) * linear(at::gelu(linear(h2, expert.up), "tanh"), expert.down);
            tags = tags + chosen.narrow(2, e, 1) * weights.tags[e];
        }
        const at::Tensor out = mixed + m.gate2 * z;
        return spec.recursion && spec.recursion->expertTags ? out + tags : out;
    }
};

} // namespace depthscope::tests
