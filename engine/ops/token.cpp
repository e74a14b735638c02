// SPDX-License-Identifier: MIT
// Schemas and ATen references of the token operators. The CPU kernels register themselves in
// ops/cpu for the same schemas.
#include "engine/ops/token.h"

#include "engine/ops/layer.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace depthscope::ops {

namespace {

using Triple = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

/// [S, 1, heads·E] -> [S, heads, 1, E], rotated.
at::Tensor turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    return rotateHalves(x.view({x.size(0), -1, 1, 2 * cosine.size(-1)}), cosine.unsqueeze(1),
                        sine.unsqueeze(1));
}

/// q [H, E] of one token over its entries -> [1, H·E].
at::Tensor attendReference(const at::Tensor& q,
                           const at::Tensor& keys,
                           const at::Tensor& values,
                           std::int64_t entries) {
    const auto G = keys.size(1), E = keys.size(3), H = q.size(0);
    // Query heads of a group are the rows of one small product, which spares repeating the keys.
    const at::Tensor scores =
        at::bmm(q.view({G, H / G, E}), keys[0].narrow(1, 0, entries).transpose(1, 2));
    return at::bmm(at::softmax(scores / std::sqrt(static_cast<double>(E)), -1),
                   values[0].narrow(1, 0, entries))
        .view({1, H * E});
}

at::Tensor attentionReference(const at::Tensor& x,
                              at::TensorList weights,
                              const at::Tensor& cosine,
                              const at::Tensor& sine,
                              at::TensorList keys,
                              at::TensorList values,
                              at::IntArrayRef entries,
                              at::IntArrayRef append,
                              double epsilon) {
    const auto G = keys[0].size(1), E = keys[0].size(3);
    const at::Tensor h = rmsNorm(x, weights[0], epsilon);
    const at::Tensor queries = turned(at::linear(h, weights[1]), cosine, sine).squeeze(2);
    at::Tensor ownKeys, ownValues;
    if (std::ranges::any_of(append, [](std::int64_t own) { return own != 0; })) {
        ownKeys = turned(at::linear(h, weights[2]), cosine, sine);
        ownValues = at::linear(h, weights[3]).view({x.size(0), G, 1, E});
    }
    std::vector<at::Tensor> mixed;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        if (append[i] != 0) {
            keys[i].narrow(2, entries[i] - 1, 1).copy_(ownKeys.narrow(0, at, 1));
            values[i].narrow(2, entries[i] - 1, 1).copy_(ownValues.narrow(0, at, 1));
        }
        mixed.push_back(attendReference(queries[at], keys[i], values[i], entries[i]));
    }
    return x + at::linear(at::stack(mixed), weights[4]);
}

at::Tensor feedForwardReference(const at::Tensor& x,
                                const at::Tensor& gain,
                                const at::Tensor& gate,
                                const at::Tensor& up,
                                const at::Tensor& down,
                                double epsilon) {
    const at::Tensor h = rmsNorm(x, gain, epsilon);
    return x + at::linear(gated(at::linear(h, gate), at::linear(h, up)), down);
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
          "Tensor(a!)[] keys, Tensor(b!)[] values, int[] entries, int[] append, float epsilon) -> "
          "Tensor");
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

at::Tensor tokenAttention(const at::Tensor& x, const TokenAttention& layer) {
    static const auto op = find("depthscope::token_attention", attentionReference);
    checkNoGradient("token_attention", x);
    const at::Tensor weights[] = {layer.gain, layer.q, layer.k, layer.v, layer.o};
    std::vector<at::Tensor> keys, values;
    std::vector<std::int64_t> entries, append;
    for (const TokenEntries& one : layer.entries) {
        keys.push_back(one.keys);
        values.push_back(one.values);
        entries.push_back(one.entries);
        append.push_back(one.append ? 1 : 0);
    }
    return op.call(x, weights, layer.cosine, layer.sine, keys, values, entries, append,
                   layer.epsilon);
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
