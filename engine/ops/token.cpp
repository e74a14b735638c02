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

/// [1, 1, heads·E] -> [1, heads, 1, E], element i turned with i + E/2.
at::Tensor turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const at::Tensor heads = x.view({1, -1, 1, 2 * cosine.size(-1)});
    const auto halves = heads.chunk(2, -1);
    return at::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine},
                   -1);
}

Triple projectReference(const at::Tensor& x,
                        const at::Tensor& gain,
                        const at::Tensor& q,
                        const at::Tensor& k,
                        const at::Tensor& v,
                        const at::Tensor& cosine,
                        const at::Tensor& sine,
                        double epsilon) {
    const at::Tensor h = rmsNorm(x, gain, epsilon);
    return {turned(at::linear(h, q), cosine, sine), turned(at::linear(h, k), cosine, sine),
            at::linear(h, v).view({1, -1, 1, 2 * cosine.size(-1)})};
}

/// Query heads of a group are the rows of one small product, which spares repeating the keys.
at::Tensor attendReference(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) {
    const auto B = q.size(0), H = q.size(1), E = q.size(3), G = keys.size(1), S = keys.size(2);
    const double scale = 1.0 / std::sqrt(static_cast<double>(E));
    const at::Tensor grouped = q.reshape({B * G, H / G, E});
    const at::Tensor scores =
        at::bmm(grouped, keys.reshape({B * G, S, E}).transpose(1, 2)).mul_(scale);
    const at::Tensor weights = at::softmax(scores, -1).to(q.scalar_type());
    return at::bmm(weights, values.reshape({B * G, S, E})).view({B, 1, H * E});
}

at::Tensor
linearAddReference(const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight) {
    return residual + at::linear(x, weight);
}

at::Tensor linearReference(const at::Tensor& x, const at::Tensor& weight) {
    return at::linear(x, weight);
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
    at::Tensor z = h;
    for (std::int64_t s = 0; s < loops; ++s) {
        z = z + weights[7][s];
        at::Tensor value = at::linear(rmsNorm(z, weights[0], epsilon), weights[1]);
        const std::int64_t group = weights[2].size(1) / weights[1].size(0);
        value = value.view({-1, 1, headDim})
                    .expand({-1, group, headDim})
                    .reshape({1, weights[2].size(1)});
        z = z + at::linear(value, weights[2]);
        z = feedForwardReference(z, weights[3], weights[4], weights[5], weights[6], epsilon);
    }
    return rmsNorm(z, weights[8], epsilon);
}

void checkNoGradient(const char* op, const at::Tensor& x) {
    TORCH_CHECK(!(c10::GradMode::is_enabled() && x.requires_grad()), op, " has no gradient");
}

template <class Signature>
auto find(const char* name) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.def("token_project(Tensor x, Tensor gain, Tensor q, Tensor k, Tensor v, Tensor cosine, "
          "Tensor sine, float epsilon) -> (Tensor, Tensor, Tensor)");
    m.def("token_attend(Tensor q, Tensor keys, Tensor values) -> Tensor");
    m.def("token_linear_add(Tensor residual, Tensor x, Tensor weight) -> Tensor");
    m.def("token_linear(Tensor x, Tensor weight) -> Tensor");
    m.def("token_feed_forward(Tensor x, Tensor gain, Tensor gate, Tensor up, Tensor down, float "
          "epsilon) -> Tensor");
    m.def("token_expert(Tensor h, Tensor[] weights, int head_dim, int loops, float epsilon) -> "
          "Tensor");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("token_project", projectReference);
    m.impl("token_attend", attendReference);
    m.impl("token_linear_add", linearAddReference);
    m.impl("token_linear", linearReference);
    m.impl("token_feed_forward", feedForwardReference);
    m.impl("token_expert", expertReference);
}

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    const at::Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true).add(epsilon));
    return (wide * scale).to(x.scalar_type()) * gain;
}

Triple tokenProject(const at::Tensor& x, const TokenProjection& p) {
    static const auto op =
        find<Triple(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                    const at::Tensor&, const at::Tensor&, const at::Tensor&, double)>(
            "depthscope::token_project");
    checkNoGradient("token_project", x);
    return op.call(x, p.gain, p.q, p.k, p.v, p.cosine, p.sine, p.epsilon);
}

at::Tensor tokenAttend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) {
    static const auto op =
        find<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>(
            "depthscope::token_attend");
    checkNoGradient("token_attend", q);
    return op.call(q, keys, values);
}

at::Tensor
tokenLinearAdd(const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight) {
    static const auto op =
        find<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>(
            "depthscope::token_linear_add");
    checkNoGradient("token_linear_add", x);
    return op.call(residual, x, weight);
}

at::Tensor tokenLinear(const at::Tensor& x, const at::Tensor& weight) {
    static const auto op =
        find<at::Tensor(const at::Tensor&, const at::Tensor&)>("depthscope::token_linear");
    checkNoGradient("token_linear", x);
    return op.call(x, weight);
}

at::Tensor tokenFeedForward(const at::Tensor& x, const TokenFeedForward& layer) {
    static const auto op =
        find<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&,
                        const at::Tensor&, double)>("depthscope::token_feed_forward");
    checkNoGradient("token_feed_forward", x);
    return op.call(x, layer.gain, layer.gate, layer.up, layer.down, layer.epsilon);
}

at::Tensor tokenExpert(const at::Tensor& h, const TokenExpert& e) {
    static const auto op =
        find<at::Tensor(const at::Tensor&, at::TensorList, std::int64_t, std::int64_t, double)>(
            "depthscope::token_expert");
    checkNoGradient("token_expert", h);
    const at::Tensor weights[] = {e.attentionNorm, e.v,     e.o,      e.ffnNorm, e.gate, e.up,
                                  e.down,          e.steps, e.outNorm};
    return op.call(h, weights, e.headDim, e.loops, e.epsilon);
}

} // namespace depthscope::ops
