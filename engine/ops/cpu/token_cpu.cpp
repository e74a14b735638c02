// SPDX-License-Identifier: MIT
// The token operators of a Llama layer on the CPU.
#include "engine/ops/cpu/kernels.h"
#include "engine/ops/cpu/token_math.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace depthscope::ops::cpu {

namespace {

/// Angles of each token, `half` of them.
struct Angles {
    Floats cosine, sine;
    std::size_t half;
};

/// All heads of each token.
void turn(Floats& x, const Angles& angles) {
    const auto& [cosine, sine, half] = angles;
    const std::size_t tokens = cosine.size() / half, width = x.size() / tokens;
    for (std::size_t head = 0; head < x.size(); head += 2 * half) {
        const std::size_t by = head / width * half;
        for (std::size_t i = 0; i < half; ++i) {
            const float a = x[head + i], b = x[head + half + i];
            x[head + i] = a * cosine[by + i] - b * sine[by + i];
            x[head + half + i] = b * cosine[by + i] + a * sine[by + i];
        }
    }
}

/// Entry `at` of every head. values [G, E], heads [1, G, C, E].
void store(const float* values, const at::Tensor& heads, std::int64_t at) {
    const std::int64_t E = heads.size(3);
    const auto write = [&](auto* data) {
        for (std::int64_t g = 0; g < heads.size(1); ++g) {
            std::copy_n(values + g * E, E, data + g * heads.stride(1) + at * heads.stride(2));
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
    const std::int64_t tokens = static_cast<std::int64_t>(h.size()) / q.size(1);
    Projected out;
    out.queries.resize(static_cast<std::size_t>(tokens * q.size(0)));
    if (own) {
        out.keys.resize(static_cast<std::size_t>(tokens * k.size(0)));
        out.values.resize(static_cast<std::size_t>(tokens * v.size(0)));
    }
    const std::int64_t first = q.size(0), second = first + (own ? k.size(0) : 0);
    const std::int64_t all = second + (own ? v.size(0) : 0);
    parallelRows(all, static_cast<std::int64_t>(h.size()),
                 [&](std::int64_t begin, std::int64_t end) {
                     const auto part = [&](const at::Tensor& weight, std::int64_t from,
                                           std::int64_t to, float* into) {
                         const std::int64_t low = std::max(begin, from), high = std::min(end, to);
                         if (low < high) {
                             product(weight, low - from, high - from, h, into);
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

/// What each token attends to: the first entries[i] of keys[i] and values[i], [1, G, C, E].
struct Attended {
    at::TensorList keys, values;
    at::IntArrayRef entries;
};

/// One of the token's query heads.
void attendHeadOf(const Attended& to,
                  std::size_t token,
                  std::int64_t keyHead,
                  const float* query,
                  float* out) {
    const at::Tensor &keys = to.keys[token], &values = to.values[token];
    const auto rows = [&](const auto* data) {
        return Rows{data + keyHead * keys.stride(1), keys.stride(2), to.entries[token],
                    keys.size(3)};
    };
    if (keys.scalar_type() == at::kFloat) {
        attendHead(rows(keys.const_data_ptr<float>()), rows(values.const_data_ptr<float>()), query,
                   out);
    } else {
        attendHead(rows(brainsOf(keys)), rows(brainsOf(values)), query, out);
    }
}

Floats attend(const Floats& queries, const Attended& to) {
    const auto G = to.keys[0].size(1), E = to.keys[0].size(3);
    const auto tokens = static_cast<std::int64_t>(to.keys.size());
    const auto all = static_cast<std::int64_t>(queries.size()) / E, H = all / tokens;
    Floats mixed(queries.size());
    const auto heads = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            attendHeadOf(to, static_cast<std::size_t>(i / H), i % H / (H / G),
                         queries.data() + i * E, mixed.data() + i * E);
        }
    };
    const std::int64_t entries =
        std::accumulate(to.entries.begin(), to.entries.end(), std::int64_t{0});
    const std::int64_t grain = std::max<std::int64_t>(1, kTokenGrain * tokens / (2 * entries * E));
    if (all <= grain) {
        heads(0, all);
    } else {
        at::parallel_for(0, all, grain, heads);
    }
    return mixed;
}

void checkEntries(const at::Tensor& x, const Attended& to) {
    const auto tokens = static_cast<std::size_t>(x.size(0));
    TORCH_CHECK(x.dim() == 3 && x.size(1) == 1 && tokens > 0 && to.keys.size() == tokens &&
                    to.values.size() == tokens && to.entries.size() == tokens,
                "token_attention: one token of each sequence, each over its own entries");
    for (std::size_t i = 0; i < tokens; ++i) {
        const at::Tensor &keys = to.keys[i], &values = to.values[i];
        TORCH_CHECK(keys.size(0) == 1 && keys.stride(3) == 1 &&
                        keys.size(1) == to.keys[0].size(1) && keys.size(3) == to.keys[0].size(3) &&
                        keys.scalar_type() == x.scalar_type() &&
                        values.scalar_type() == x.scalar_type() && keys.sizes() == values.sizes() &&
                        keys.strides() == values.strides() && to.entries[i] >= 1 &&
                        to.entries[i] <= keys.size(2),
                    "token_attention: keys and values that belong together");
    }
}

at::Tensor attention(const at::Tensor& x,
                     at::TensorList weights,
                     const at::Tensor& cosine,
                     const at::Tensor& sine,
                     at::TensorList keys,
                     at::TensorList values,
                     at::IntArrayRef entries,
                     at::IntArrayRef append,
                     double epsilon) {
    checkWeights("token_attention", x, weights);
    const Attended to{keys, values, entries};
    checkEntries(x, to);
    const bool makes = std::ranges::any_of(append, [](std::int64_t own) { return own != 0; });
    Floats sum = wide(x);
    Projected own = project(normed(sum, wide(weights[0]), epsilon), weights, makes);
    const Angles angles{wide(cosine), wide(sine), static_cast<std::size_t>(cosine.size(-1))};
    turn(own.queries, angles);
    if (makes) {
        turn(own.keys, angles);
    }
    const std::size_t width = own.keys.size() / keys.size();
    for (std::size_t i = 0; i < append.size(); ++i) {
        if (append[i] != 0) {
            store(own.keys.data() + i * width, keys[i], entries[i] - 1);
            store(own.values.data() + i * width, values[i], entries[i] - 1);
        }
    }
    add(sum, productOf(weights[4], attend(own.queries, to)));
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
    return narrowed(logits, {x.size(0), x.size(1), weight.size(0)}, x.scalar_type());
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("token_attention", attention);
    m.impl("token_feed_forward", feedForward);
    m.impl("token_head", head);
}

} // namespace depthscope::ops::cpu
