// SPDX-License-Identifier: MIT
// Schemas and ATen references of the single-token operators. The CPU kernels register themselves in
// ops/cpu for the same schemas.
#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/library.h>

#include <cmath>

namespace depthscope::ops {

namespace {

using Triple = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

/// [1, 1, heads·E] -> [1, heads, 1, E], rotated.
at::Tensor turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    return rotateHalves(x.view({1, -1, 1, 2 * cosine.size(-1)}), cosine, sine);
}

at::Tensor attentionReference(const at::Tensor& x,
                              at::TensorList weights,
                              const at::Tensor& cosine,
                              const at::Tensor& sine,
                              const at::Tensor& keys,
                              const at::Tensor& values,
                              std::int64_t entries,
                              bool append,
                              double epsilon) {
    const auto G = keys.size(1), E = keys.size(3), H = weights[1].size(0) / E;
    const at::Tensor h = rmsNorm(x, weights[0], epsilon);
    if (append) {
        keys.narrow(2, entries - 1, 1).copy_(turned(at::linear(h, weights[2]), cosine, sine));
        values.narrow(2, entries - 1, 1).copy_(at::linear(h, weights[3]).view({1, G, 1, E}));
    }
    // Query heads of a group are the rows of one small product, which spares repeating the keys.
    const at::Tensor q = turned(at::linear(h, weights[1]), cosine, sine).view({G, H / G, E});
    const at::Tensor scores = at::bmm(q, keys[0].narrow(1, 0, entries).transpose(1, 2));
    const at::Tensor mixed = at::bmm(at::softmax(scores / std::sqrt(static_cast<double>(E)), -1),
                                     values[0].narrow(1, 0, entries));
    return x + at::linear(mixed.view({1, 1, H * E}), weights[4]);
}

at::Tensor feedForwardReference(const at::Tensor& x,
                                const at::Tensor& gain,
                                const at::Tensor& gate,
                                const at::Tensor& up,
                                const at::Tensor& down,
                                double epsilon) {
    const at::Tensor h = rmsNorm(x, gain, epsilon);
    return x + at::linear(at::silu(at::linear(h, gate)) * at::linear(h, up), down);
}

at::Tensor expertReference(const at::Tensor& h,
                           at::TensorList weights,
                           std::int64_t headDim,
                           std::int64_t loops,
                           double epsilon) {
    const std::int64_t group = weights[2].size(1) / weights[1].size(0);
    at::Tensor z = h;
    for (std::int64_t s = 0; s < loops; ++s) {
        z = z + weights[7][s];
        const at::Tensor value = at::linear(rmsNorm(z, weights[0], epsilon), weights[1])
                                     .view({1, -1, 1, headDim})
                                     .expand({1, -1, group, headDim})
                                     .reshape({1, 1, weights[2].size(1)});
        z = z + at::linear(value, weights[2]);
        z = feedForwardReference(z, weights[3], weights[4], weights[5], weights[6], epsilon);
    }
    return rmsNorm(z, weights[8], epsilon);
}

Triple mixtureReference(const at::Tensor& x,
                        const at::Tensor& gain,
                        const at::Tensor& router,
                        at::TensorList experts,
                        std::int64_t perToken,
                        std::int64_t headDim,
                        std::int64_t loops,
                        double epsilon) {
    const at::Tensor h = rmsNorm(x, gain, epsilon);
    const auto [p, order] =
        at::sort(at::softmax(at::linear(h, router), -1), /*stable=*/true, -1, /*descending=*/true);
    const at::Tensor index = order.narrow(-1, 0, perToken);
    const at::Tensor kept = p.narrow(-1, 0, perToken);
    const at::Tensor weight = kept / kept.sum(-1, true);
    const auto [ascending, places] = at::sort(index.flatten().cpu());
    at::Tensor mixed = at::zeros_like(x);
    for (std::int64_t i = 0; i < perToken; ++i) {
        const auto first = ascending[i].item<std::int64_t>() * kTokenExpertParts;
        const at::TensorList expert =
            experts.slice(static_cast<std::size_t>(first), kTokenExpertParts);
        mixed = mixed + expertReference(h, expert, headDim, loops, epsilon) *
                            weight.narrow(-1, places[i].item<std::int64_t>(), 1);
    }
    return {x + mixed, index, weight};
}

at::Tensor headReference(const at::Tensor& x,
                         const at::Tensor& gain,
                         const at::Tensor& weight,
                         double epsilon) {
    return at::linear(rmsNorm(x, gain, epsilon), weight);
}

void checkNoGradient(const char* op, const at::Tensor& x) {
    TORCH_CHECK(!(c10::GradMode::is_enabled() && x.requires_grad()), op, " has no gradient");
}

template <class Function>
auto find(const char* name, Function*) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Function>();
}

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.def("token_attention(Tensor x, Tensor[] weights, Tensor cosine, Tensor sine, "
          "Tensor(a!) keys, Tensor(b!) values, int entries, bool append, float epsilon) -> Tensor");
    m.def("token_feed_forward(Tensor x, Tensor gain, Tensor gate, Tensor up, Tensor down, float "
          "epsilon) -> Tensor");
    m.def("token_mixture(Tensor x, Tensor gain, Tensor router, Tensor[] experts, int per_token, "
          "int head_dim, int loops, float epsilon) -> (Tensor, Tensor, Tensor)");
    m.def("token_head(Tensor x, Tensor gain, Tensor weight, float epsilon) -> Tensor");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("token_attention", attentionReference);
    m.impl("token_feed_forward", feedForwardReference);
    m.impl("token_mixture", mixtureReference);
    m.impl("token_head", headReference);
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true).add(epsilon));
    return (wide * scale).to(x.scalar_type()) * gain;
}

at::Tensor rotateHalves(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const auto halves = x.chunk(2, -1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine},
                   -1);
}

at::Tensor tokenAttention(const at::Tensor& x, const TokenAttention& layer) {
    static const auto op = find("depthscope::token_attention", attentionReference);
    checkNoGradient("token_attention", x);
    const at::Tensor weights[] = {layer.gain, layer.q, layer.k, layer.v, layer.o};
    return op.call(x, weights, layer.cosine, layer.sine, layer.keys, layer.values, layer.entries,
                   layer.append, layer.epsilon);
}

at::Tensor tokenFeedForward(const at::Tensor& x, const TokenFeedForward& layer) {
    static const auto op = find("depthscope::token_feed_forward", feedForwardReference);
    checkNoGradient("token_feed_forward", x);
    return op.call(x, layer.gain, layer.gate, layer.up, layer.down, layer.epsilon);
}

Triple tokenMixture(const at::Tensor& x, const TokenMixture& layer) {
    static const auto op = find("depthscope::token_mixture", mixtureReference);
    checkNoGradient("token_mixture", x);
    return op.call(x, layer.gain, layer.router,
                   at::TensorList(layer.experts.data(), layer.experts.size()), layer.perToken,
                   layer.headDim, layer.loops, layer.epsilon);
}

at::Tensor
tokenHead(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& weight, double epsilon) {
    static const auto op = find("depthscope::token_head", headReference);
    checkNoGradient("token_head", x);
    return op.call(x, gain, weight, epsilon);
}

} // namespace depthscope::ops
