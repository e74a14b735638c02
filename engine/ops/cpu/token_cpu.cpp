// SPDX-License-Identifier: MIT
// The single-token operators of a Llama layer on the CPU.
#include "engine/ops/cpu/kernels.h"
#include "engine/ops/cpu/token_math.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>

namespace depthscope::ops::cpu {

namespace {

void turn(Floats& x, const Floats& cosine, const Floats& sine) {
    const std::size_t half = cosine.size();
    for (std::size_t head = 0; head < x.size(); head += 2 * half) {
        for (std::size_t i = 0; i < half; ++i) {
            const float a = x[head + i], b = x[head + half + i];
            x[head + i] = a * cosine[i] - b * sine[i];
            x[head + half + i] = b * cosine[i] + a * sine[i];
        }
    }
}

/// Entry `at` of every head. heads [1, G, C, E].
void store(const Floats& values, const at::Tensor& heads, std::int64_t at) {
    const auto E = static_cast<std::size_t>(heads.size(3));
    const auto write = [&](auto* data) {
        for (std::size_t g = 0; g * E < values.size(); ++g) {
            const auto from = values.begin() + static_cast<std::ptrdiff_t>(g * E);
            std::copy_n(from, E,
                        data + static_cast<std::int64_t>(g) * heads.stride(1) +
                            at * heads.stride(2));
        }
    };
    if (heads.scalar_type() == at::kFloat) {
        write(heads.mutable_data_ptr<float>());
    } else {
        write(heads.mutable_data_ptr<at::BFloat16>());
    }
}

struct Projected {
    Floats queries, keys, values;
};

/// One region over the rows of all three.
Projected project(const Floats& h, at::TensorList weights, bool own) {
    const at::Tensor &q = weights[1], &k = weights[2], &v = weights[3];
    Projected out;
    out.queries.resize(static_cast<std::size_t>(q.size(0)));
    if (own) {
        out.keys.resize(static_cast<std::size_t>(k.size(0)));
        out.values.resize(static_cast<std::size_t>(v.size(0)));
    }
    const std::int64_t first = q.size(0);
    const auto second = first + static_cast<std::int64_t>(out.keys.size());
    const auto all = second + static_cast<std::int64_t>(out.values.size());
    parallelRows(all, q.size(1), [&](std::int64_t begin, std::int64_t end) {
        const auto part = [&](const at::Tensor& weight, std::int64_t from, std::int64_t to,
                              float* into) {
            const std::int64_t low = std::max(begin, from), high = std::min(end, to);
            if (low < high) {
                product(weight, low - from, high - from, h.data(), into);
            }
        };
        part(q, 0, first, out.queries.data());
        part(k, first, second, out.keys.data());
        part(v, second, all, out.values.data());
    });
    return out;
}

const Brain* brainsOf(const at::Tensor& tensor) {
    return reinterpret_cast<const Brain*>(tensor.const_data_ptr<at::BFloat16>());
}

void dotRows(const Rows<float>& rows, const float* x, float* out) {
    kernels().dotFloat(rows, x, out);
}

void dotRows(const Rows<Brain>& rows, const float* x, float* out) {
    kernels().dotBrain(rows, x, out);
}

void mixRows(const Rows<float>& rows, const float* weights, float* out) {
    kernels().mixFloat(rows, weights, out);
}

void mixRows(const Rows<Brain>& rows, const float* weights, float* out) {
    kernels().mixBrain(rows, weights, out);
}

/// Scores, softmax and mixture of one query head over its entries.
template <class Element>
void attendHead(const Rows<Element>& keys,
                const Rows<Element>& values,
                const float* query,
                float* out) {
    Floats scores(static_cast<std::size_t>(keys.count));
    dotRows(keys, query, scores.data());
    const float scale = 1.0F / std::sqrt(static_cast<float>(keys.columns));
    const float most = *std::max_element(scores.begin(), scores.end());
    float total = 0;
    for (float& score : scores) {
        score = std::exp((score - most) * scale);
        total += score;
    }
    for (float& score : scores) {
        score /= total;
    }
    std::fill(out, out + keys.columns, 0.0F);
    mixRows(values, scores.data(), out);
}

Floats attend(const Floats& queries,
              const at::Tensor& keys,
              const at::Tensor& values,
              std::int64_t entries) {
    const auto G = keys.size(1), E = keys.size(3);
    const auto H = static_cast<std::int64_t>(queries.size()) / E, group = H / G;
    Floats mixed(queries.size());
    const auto heads = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t h = begin; h < end; ++h) {
            const std::int64_t first = h / group * keys.stride(1);
            const auto rows = [&](const auto* data) {
                return Rows{data + first, keys.stride(2), entries, E};
            };
            const float* query = queries.data() + h * E;
            float* out = mixed.data() + h * E;
            if (keys.scalar_type() == at::kFloat) {
                attendHead(rows(keys.const_data_ptr<float>()), rows(values.const_data_ptr<float>()),
                           query, out);
            } else {
                attendHead(rows(brainsOf(keys)), rows(brainsOf(values)), query, out);
            }
        }
    };
    const std::int64_t grain = std::max<std::int64_t>(1, kTokenGrain / (2 * entries * E));
    if (H <= grain) {
        heads(0, H);
    } else {
        at::parallel_for(0, H, grain, heads);
    }
    return mixed;
}

at::Tensor attention(const at::Tensor& x,
                     at::TensorList weights,
                     const at::Tensor& cosine,
                     const at::Tensor& sine,
                     const at::Tensor& keys,
                     const at::Tensor& values,
                     std::int64_t entries,
                     bool append,
                     double epsilon) {
    checkWeights("token_attention", x, weights);
    TORCH_CHECK(x.numel() == x.size(-1) && keys.size(0) == 1 && keys.stride(3) == 1 &&
                    keys.scalar_type() == x.scalar_type() &&
                    values.scalar_type() == x.scalar_type() && keys.sizes() == values.sizes() &&
                    keys.strides() == values.strides() && entries >= 1 && entries <= keys.size(2),
                "token_attention: one token over its own sequence's entries");
    Floats sum = wide(x);
    Projected own = project(normed(sum, wide(weights[0]), epsilon), weights, append);
    const Floats c = wide(cosine), s = wide(sine);
    turn(own.queries, c, s);
    if (append) {
        turn(own.keys, c, s);
        store(own.keys, keys, entries - 1);
        store(own.values, values, entries - 1);
    }
    add(sum, productOf(weights[4], attend(own.queries, keys, values, entries)));
    return narrowed(sum, x.sizes(), x.scalar_type());
}

at::Tensor feedForward(const at::Tensor& x,
                       const at::Tensor& gain,
                       const at::Tensor& gate,
                       const at::Tensor& up,
                       const at::Tensor& down,
                       double epsilon) {
    checkWeights("token_feed_forward", x, {gate, up, down});
    Floats sum = wide(x);
    addFeedForward(sum, normed(sum, wide(gain), epsilon), gate, up, down);
    return narrowed(sum, x.sizes(), x.scalar_type());
}

at::Tensor
head(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& weight, double epsilon) {
    checkWeights("token_head", x, weight);
    const Floats logits = productOf(weight, normed(wide(x), wide(gain), epsilon));
    return narrowed(logits, {1, 1, weight.size(0)}, x.scalar_type());
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("token_attention", attention);
    m.impl("token_feed_forward", feedForward);
    m.impl("token_head", head);
}

} // namespace depthscope::ops::cpu
