// SPDX-License-Identifier: MIT
// Schema, ATen reference and gradient of listed attention. The CPU kernels register themselves from
// ops/cpu for the same schema.
#include "engine/ops/listed.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <cmath>
#include <limits>
#include <tuple>

namespace depthscope::ops {

namespace {

using Pair = std::tuple<at::Tensor, at::Tensor>;
using Triple = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

double scaleOf(const at::Tensor& q) {
    return 1.0 / std::sqrt(static_cast<double>(q.size(-1)));
}

/// [B, 1, Q, S] bool.
at::Tensor maskOfQueries(const at::Tensor& k,
                         const at::Tensor& entries,
                         const at::Tensor& lengths,
                         const at::Tensor& rows) {
    const at::Tensor all = maskOf({entries, lengths}, k.size(2));
    return all.index_select(0, rows.flatten()).view({rows.size(0), 1, rows.size(1), k.size(2)});
}

/// [B, H, Q, E] and [B, Q, H·E].
at::Tensor joined(const at::Tensor& heads) {
    return heads.transpose(1, 2).flatten(2);
}

at::Tensor parted(const at::Tensor& rows, std::int64_t heads) {
    return rows.unflatten(2, {heads, -1}).transpose(1, 2);
}

/// The output and, for the gradient, the logarithm of each softmax's sum [B, H, Q].
Pair attendReference(const at::Tensor& q,
                     const at::Tensor& k,
                     const at::Tensor& v,
                     const at::Tensor& entries,
                     const at::Tensor& lengths,
                     const at::Tensor& rows) {
    const at::Tensor logits =
        at::matmul(q, k.transpose(2, 3))
            .mul(scaleOf(q))
            .masked_fill(maskOfQueries(k, entries, lengths, rows).logical_not(),
                         -std::numeric_limits<double>::infinity());
    const at::Tensor sums = at::logsumexp(logits, -1);
    return {joined(at::matmul(at::exp(logits - sums.unsqueeze(-1)), v)), sums};
}

Triple gradientReference(const at::Tensor& gradient,
                         at::TensorList saved,
                         const at::Tensor& entries,
                         const at::Tensor& lengths,
                         const at::Tensor& rows) {
    const at::Tensor &q = saved[0], &k = saved[1], &v = saved[2], &out = saved[3];
    const double scale = scaleOf(q);
    const at::Tensor mask = maskOfQueries(k, entries, lengths, rows);
    const at::Tensor logits = at::matmul(q, k.transpose(2, 3)).mul(scale);
    const at::Tensor p = at::exp(logits - saved[4].unsqueeze(-1)) * mask;
    const at::Tensor g = parted(gradient, q.size(1));
    const at::Tensor delta = (g * parted(out, q.size(1))).sum(-1, true);
    const at::Tensor ds = p * (at::matmul(g, v.transpose(2, 3)) - delta) * scale;
    return {at::matmul(ds, k), at::matmul(ds.transpose(2, 3), q), at::matmul(p.transpose(2, 3), g)};
}

template <class Function>
auto find(const char* name, Function*) {
    return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Function>();
}

Pair attend(const at::Tensor& q,
            const at::Tensor& k,
            const at::Tensor& v,
            const at::Tensor& entries,
            const at::Tensor& lengths,
            const at::Tensor& rows) {
    static const auto op = find("depthscope::listed_attention", attendReference);
    return op.call(q, k, v, entries, lengths, rows);
}

Triple attendBack(const at::Tensor& gradient,
                  at::TensorList saved,
                  const at::Tensor& entries,
                  const at::Tensor& lengths,
                  const at::Tensor& rows) {
    static const auto op = find("depthscope::listed_attention_backward", gradientReference);
    return op.call(gradient, saved, entries, lengths, rows);
}

struct ListedFunction : torch::autograd::Function<ListedFunction> {
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                  const at::Tensor& q,
                                                  const at::Tensor& k,
                                                  const at::Tensor& v,
                                                  const at::Tensor& entries,
                                                  const at::Tensor& lengths,
                                                  const at::Tensor& rows) {
        const at::AutoDispatchBelowADInplaceOrView guard;
        const auto [out, sums] = attend(q, k, v, entries, lengths, rows);
        context->save_for_backward({q, k, v, out, sums, entries, lengths, rows});
        context->mark_non_differentiable({sums});
        return {out, sums};
    }

    static torch::autograd::variable_list
    backward(torch::autograd::AutogradContext* context,
             const torch::autograd::variable_list& gradients) {
        const auto saved = context->get_saved_variables();
        const auto [q, k, v] =
            attendBack(gradients[0], {saved[0], saved[1], saved[2], saved[3], saved[4]}, saved[5],
                       saved[6], saved[7]);
        return {q, k, v, at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

Pair attendAutograd(const at::Tensor& q,
                    const at::Tensor& k,
                    const at::Tensor& v,
                    const at::Tensor& entries,
                    const at::Tensor& lengths,
                    const at::Tensor& rows) {
    const auto out = ListedFunction::apply(q, k, v, entries, lengths, rows);
    return {out[0], out[1]};
}

void check(const at::Tensor& q,
           const at::Tensor& k,
           const at::Tensor& v,
           const KeyLists& lists,
           const at::Tensor& rows) {
    TORCH_CHECK(q.dim() == 4 && k.dim() == 4 && k.sizes() == v.sizes() && q.size(0) == k.size(0) &&
                    q.size(1) == k.size(1) && q.size(3) == k.size(3),
                "listed_attention: q must be [B, H, Q, E], k and v [B, H, S, E], got ", q.sizes(),
                ", ", k.sizes(), " and ", v.sizes());
    TORCH_CHECK(rows.dim() == 2 && rows.scalar_type() == at::kLong && rows.size(0) == q.size(0) &&
                    rows.size(1) == q.size(2),
                "listed_attention: rows must be int64 [B, Q], got ", rows.sizes());
    TORCH_CHECK(lists.entries.dim() == 2 && lists.entries.scalar_type() == at::kInt &&
                    lists.lengths.scalar_type() == at::kInt &&
                    lists.lengths.sizes() == lists.entries.sizes().slice(0, 1),
                "listed_attention: entries must be int32 [L, W] and lengths int32 [L], got ",
                lists.entries.sizes(), " and ", lists.lengths.sizes());
}

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.def("listed_attention(Tensor q, Tensor k, Tensor v, Tensor entries, Tensor lengths, Tensor "
          "rows) -> (Tensor, Tensor)");
    m.def("listed_attention_backward(Tensor gradient, Tensor[] saved, Tensor entries, Tensor "
          "lengths, Tensor rows) -> (Tensor, Tensor, Tensor)");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("listed_attention", attendReference);
    m.impl("listed_attention_backward", gradientReference);
}

TORCH_LIBRARY_IMPL(depthscope, Autograd, m) {
    m.impl("listed_attention", attendAutograd);
}

at::Tensor listedAttention(const at::Tensor& q,
                           const at::Tensor& k,
                           const at::Tensor& v,
                           const KeyLists& lists,
                           const at::Tensor& rows) {
    check(q, k, v, lists, rows);
    const auto wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    return std::get<0>(
               attend(q.to(wide), k.to(wide), v.to(wide), lists.entries, lists.lengths, rows))
        .to(q.scalar_type());
}

at::Tensor maskOf(const KeyLists& lists, std::int64_t keys) {
    const at::Tensor columns = at::arange(lists.entries.size(1), lists.entries.options());
    const at::Tensor valid = columns.unsqueeze(0).lt(lists.lengths.unsqueeze(1));
    // What lies past the end goes to a column of its own, which is cut off.
    const at::Tensor index = at::where(valid, lists.entries, keys).to(at::kLong);
    return at::zeros({lists.entries.size(0), keys + 1}, valid.options())
        .scatter_(1, index, true)
        .narrow(1, 0, keys);
}

} // namespace depthscope::ops
