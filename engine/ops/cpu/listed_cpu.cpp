// SPDX-License-Identifier: MIT
// Listed attention on the CPU: query by query, nothing but the pairs that are listed.
#include "engine/ops/cpu/kernels.h"
#include "engine/ops/listed.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <tuple>
#include <type_traits>
#include <vector>

namespace depthscope::ops::cpu {

namespace {

/// Queries that a thread must have before another is woken.
constexpr std::int64_t kGrain = 128;
/// So that whole vectors fit behind the longest list.
constexpr std::int64_t kRoom = 16;

template <class T>
struct Calls {
    static auto attend() {
        if constexpr (std::is_same_v<T, float>) {
            return kernels().attendFloat;
        } else {
            return kernels().attendDouble;
        }
    }

    static auto attendBack() {
        if constexpr (std::is_same_v<T, float>) {
            return kernels().attendBackFloat;
        } else {
            return kernels().attendBackDouble;
        }
    }
};

/// The tensors of a call, ready for pointers: keys and values contiguous, queries with strides.
struct Call {
    at::Tensor q, k, v, entries, lengths, rows;
    std::int64_t B, H, Q, S, E;

    Call(const at::Tensor& query,
         const at::Tensor& key,
         const at::Tensor& value,
         const at::Tensor& listed,
         const at::Tensor& counts,
         const at::Tensor& chosen)
        : q(query.stride(3) == 1 ? query : query.contiguous())
        , k(key.contiguous())
        , v(value.contiguous())
        , entries(listed.contiguous())
        , lengths(counts.contiguous())
        , rows(chosen.contiguous())
        , B(q.size(0))
        , H(q.size(1))
        , Q(q.size(2))
        , S(k.size(2))
        , E(q.size(3)) {}

    template <class T>
    [[nodiscard]] ListedHead<T> head(std::int64_t b, std::int64_t i, std::int64_t h) const {
        const std::int64_t row = rows.const_data_ptr<std::int64_t>()[b * Q + i];
        const std::int64_t first = (b * H + h) * S * E;
        return {q.const_data_ptr<T>() + b * q.stride(0) + h * q.stride(1) + i * q.stride(2),
                k.const_data_ptr<T>() + first,
                v.const_data_ptr<T>() + first,
                {entries.const_data_ptr<std::int32_t>() + row * entries.size(1),
                 lengths.const_data_ptr<std::int32_t>()[row]},
                E,
                static_cast<T>(1.0 / std::sqrt(static_cast<double>(E)))};
    }

    template <class T>
    [[nodiscard]] std::vector<T> buffer() const {
        return std::vector<T>(static_cast<std::size_t>(entries.size(1) + kRoom));
    }
};

template <class T>
void attendAll(const Call& call, T* out, T* sums) {
    const auto attend = Calls<T>::attend();
    at::parallel_for(0, call.B * call.Q, kGrain, [&](std::int64_t begin, std::int64_t end) {
        std::vector<T> buffer = call.buffer<T>();
        for (std::int64_t n = begin; n < end; ++n) {
            const std::int64_t b = n / call.Q, i = n % call.Q;
            for (std::int64_t h = 0; h < call.H; ++h) {
                sums[(b * call.H + h) * call.Q + i] =
                    attend(call.head<T>(b, i, h), out + (n * call.H + h) * call.E, buffer.data());
            }
        }
    });
}

std::tuple<at::Tensor, at::Tensor> attend(const at::Tensor& q,
                                          const at::Tensor& k,
                                          const at::Tensor& v,
                                          const at::Tensor& entries,
                                          const at::Tensor& lengths,
                                          const at::Tensor& rows) {
    const Call call(q, k, v, entries, lengths, rows);
    at::Tensor out = at::empty({call.B, call.Q, call.H * call.E}, q.options());
    at::Tensor sums = at::empty({call.B, call.H, call.Q}, q.options());
    if (q.scalar_type() == at::kDouble) {
        attendAll(call, out.mutable_data_ptr<double>(), sums.mutable_data_ptr<double>());
    } else {
        attendAll(call, out.mutable_data_ptr<float>(), sums.mutable_data_ptr<float>());
    }
    return {std::move(out), std::move(sums)};
}

/// Of the gradient; keys and values have the shape of k.
struct Back {
    at::Tensor gradient, out, sums; // given
    at::Tensor q, k, v;             // made
};

/// A head of a clip at a time, in the order of its queries: the sums of keys and values are the
/// same whatever the number of threads.
template <class T>
void attendAllBack(const Call& call, const Back& back) {
    const auto attendBack = Calls<T>::attendBack();
    at::parallel_for(0, call.B * call.H, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<T> buffer = call.buffer<T>();
        for (std::int64_t n = begin; n < end; ++n) {
            const std::int64_t b = n / call.H, h = n % call.H, first = n * call.S * call.E;
            for (std::int64_t i = 0; i < call.Q; ++i) {
                const std::int64_t at = ((b * call.Q + i) * call.H + h) * call.E;
                attendBack(call.head<T>(b, i, h),
                           {back.gradient.const_data_ptr<T>() + at,
                            back.out.const_data_ptr<T>() + at,
                            back.sums.const_data_ptr<T>()[n * call.Q + i],
                            back.q.mutable_data_ptr<T>() + at, back.k.mutable_data_ptr<T>() + first,
                            back.v.mutable_data_ptr<T>() + first},
                           buffer.data());
            }
        }
    });
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> attendBack(const at::Tensor& gradient,
                                                          at::TensorList saved,
                                                          const at::Tensor& entries,
                                                          const at::Tensor& lengths,
                                                          const at::Tensor& rows) {
    const Call call(saved[0], saved[1], saved[2], entries, lengths, rows);
    const Back back{gradient.contiguous(),
                    saved[3],
                    saved[4],
                    at::empty({call.B, call.Q, call.H, call.E}, call.q.options()),
                    at::zeros(call.k.sizes(), call.k.options()),
                    at::zeros(call.v.sizes(), call.v.options())};
    if (call.q.scalar_type() == at::kDouble) {
        attendAllBack<double>(call, back);
    } else {
        attendAllBack<float>(call, back);
    }
    return {back.q.transpose(1, 2), back.k, back.v};
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("listed_attention", attend);
    m.impl("listed_attention_backward", attendBack);
}

} // namespace depthscope::ops::cpu
