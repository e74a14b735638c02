// SPDX-License-Identifier: MIT
// The single-token operators on the CPU: fp32 sums over fp32 or bfloat16 weights, read once.
#include "engine/ops/cpu/kernels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <cmath>
#include <tuple>
#include <vector>

namespace depthscope::ops::cpu {

namespace {

using Triple = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

/// Weights that one thread must have before another is woken: waking costs microseconds.
constexpr std::int64_t kGrain = 96 * 1024;

void checkWeight(const char* op, const at::Tensor& x, const at::Tensor& weight) {
    TORCH_CHECK(weight.is_contiguous() && weight.scalar_type() == x.scalar_type() &&
                    (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16),
                op, ": weights and input must be contiguous and both float or both bfloat16");
}

std::vector<float> wide(const at::Tensor& x) {
    const auto count = static_cast<std::size_t>(x.numel());
    std::vector<float> values(count);
    if (x.scalar_type() == at::kFloat) {
        const float* from = x.const_data_ptr<float>();
        values.assign(from, from + count);
    } else {
        const auto* from = x.const_data_ptr<at::BFloat16>();
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = static_cast<float>(from[i]);
        }
    }
    return values;
}

void narrow(const std::vector<float>& values, at::Tensor& to) {
    if (to.scalar_type() == at::kFloat) {
        std::copy(values.begin(), values.end(), to.mutable_data_ptr<float>());
    } else {
        auto* data = to.mutable_data_ptr<at::BFloat16>();
        for (std::size_t i = 0; i < values.size(); ++i) {
            data[i] = values[i];
        }
    }
}

const Brain* brains(const at::Tensor& weight) {
    return reinterpret_cast<const Brain*>(weight.const_data_ptr<at::BFloat16>());
}

/// out[r] = weight[r] · x for rows begin to end.
void product(const at::Tensor& weight,
             std::int64_t begin,
             std::int64_t end,
             const float* x,
             float* out) {
    const std::int64_t columns = weight.size(1);
    if (weight.scalar_type() == at::kFloat) {
        kernels().dotFloat(weight.const_data_ptr<float>() + begin * columns, columns, end - begin,
                           columns, x, out + begin);
    } else {
        kernels().dotBrain(brains(weight) + begin * columns, columns, end - begin, columns, x,
                           out + begin);
    }
}

void parallelRows(std::int64_t rows,
                  std::int64_t columns,
                  const std::function<void(std::int64_t, std::int64_t)>& work) {
    at::parallel_for(0, rows, std::max<std::int64_t>(1, kGrain / columns), work);
}

std::vector<float> productOf(const at::Tensor& weight, const std::vector<float>& x) {
    std::vector<float> out(static_cast<std::size_t>(weight.size(0)));
    parallelRows(weight.size(0), weight.size(1), [&](std::int64_t begin, std::int64_t end) {
        product(weight, begin, end, x.data(), out.data());
    });
    return out;
}

std::vector<float>
normed(const std::vector<float>& x, const std::vector<float>& gain, double epsilon) {
    double squares = 0;
    for (const float value : x) {
        squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const auto scale =
        static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon));
    std::vector<float> out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        out[i] = x[i] * scale * gain[i];
    }
    return out;
}

void turn(std::vector<float>& x, const std::vector<float>& cosine, const std::vector<float>& sine) {
    const std::size_t half = cosine.size();
    for (std::size_t head = 0; head < x.size(); head += 2 * half) {
        for (std::size_t i = 0; i < half; ++i) {
            const float a = x[head + i], b = x[head + half + i];
            x[head + i] = a * cosine[i] - b * sine[i];
            x[head + half + i] = b * cosine[i] + a * sine[i];
        }
    }
}

at::Tensor headsOf(const std::vector<float>& values, std::int64_t headDim, const at::Tensor& like) {
    at::Tensor out = at::empty({1, static_cast<std::int64_t>(values.size()) / headDim, 1, headDim},
                               like.options());
    narrow(values, out);
    return out;
}

Triple project(const at::Tensor& x,
               const at::Tensor& gain,
               const at::Tensor& q,
               const at::Tensor& k,
               const at::Tensor& v,
               const at::Tensor& cosine,
               const at::Tensor& sine,
               double epsilon) {
    for (const at::Tensor* weight : {&q, &k, &v}) {
        checkWeight("token_project", x, *weight);
    }
    const std::vector<float> h = normed(wide(x), wide(gain), epsilon);
    std::vector<float> queries(static_cast<std::size_t>(q.size(0)));
    std::vector<float> keys(static_cast<std::size_t>(k.size(0)));
    std::vector<float> values(static_cast<std::size_t>(v.size(0)));
    const std::int64_t first = q.size(0), second = first + k.size(0), all = second + v.size(0);
    // One region over the rows of all three.
    parallelRows(all, q.size(1), [&](std::int64_t begin, std::int64_t end) {
        const auto part = [&](const at::Tensor& weight, std::int64_t from, std::int64_t to,
                              float* out) {
            const std::int64_t low = std::max(begin, from), high = std::min(end, to);
            if (low < high) {
                product(weight, low - from, high - from, h.data(), out);
            }
        };
        part(q, 0, first, queries.data());
        part(k, first, second, keys.data());
        part(v, second, all, values.data());
    });
    const std::int64_t headDim = 2 * cosine.size(-1);
    const std::vector<float> c = wide(cosine.contiguous()), s = wide(sine.contiguous());
    turn(queries, c, s);
    turn(keys, c, s);
    return {headsOf(queries, headDim, x), headsOf(keys, headDim, x), headsOf(values, headDim, x)};
}

/// Scores, softmax and mixture of one query head over S entries.
template <class Element, class Dot, class Mix>
void attendHead(const Element* keys,
                const Element* values,
                std::int64_t stride,
                std::int64_t entries,
                std::int64_t headDim,
                const float* query,
                float* out,
                Dot dotRows,
                Mix mixRows) {
    std::vector<float> scores(static_cast<std::size_t>(entries));
    dotRows(keys, stride, entries, headDim, query, scores.data());
    const float scale = 1.0F / std::sqrt(static_cast<float>(headDim));
    const float most = *std::max_element(scores.begin(), scores.end());
    float total = 0;
    for (float& score : scores) {
        score = std::exp((score - most) * scale);
        total += score;
    }
    for (float& score : scores) {
        score /= total;
    }
    std::fill(out, out + headDim, 0.0F);
    mixRows(values, stride, entries, headDim, scores.data(), out);
}

at::Tensor attend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values) {
    const auto H = q.size(1), E = q.size(3), G = keys.size(1), S = keys.size(2);
    const bool known = q.scalar_type() == at::kFloat || q.scalar_type() == at::kBFloat16;
    TORCH_CHECK(q.size(0) == 1 && q.size(2) == 1 && known &&
                    keys.scalar_type() == q.scalar_type() && keys.stride(3) == 1 &&
                    values.stride(3) == 1 && keys.strides() == values.strides(),
                "token_attend: one query of one sequence, float or bfloat16");
    const std::vector<float> queries = wide(q.contiguous());
    std::vector<float> mixed(queries.size());
    const Kernels& k = kernels();
    const std::int64_t headStride = keys.stride(1), stride = keys.stride(2), group = H / G;
    at::parallel_for(0, H, std::max<std::int64_t>(1, kGrain / (2 * S * E)),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t h = begin; h < end; ++h) {
                             const std::int64_t at = h / group * headStride;
                             const float* query = queries.data() + h * E;
                             float* out = mixed.data() + h * E;
                             if (q.scalar_type() == at::kFloat) {
                                 attendHead(keys.const_data_ptr<float>() + at,
                                            values.const_data_ptr<float>() + at, stride, S, E,
                                            query, out, k.dotFloat, k.mixFloat);
                             } else {
                                 attendHead(brains(keys) + at, brains(values) + at, stride, S, E,
                                            query, out, k.dotBrain, k.mixBrain);
                             }
                         }
                     });
    at::Tensor out = at::empty({1, 1, H * E}, q.options());
    narrow(mixed, out);
    return out;
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight) {
    checkWeight("token_linear", x, weight);
    at::Tensor out = at::empty({1, 1, weight.size(0)}, x.options());
    narrow(productOf(weight, wide(x.contiguous())), out);
    return out;
}

at::Tensor linearAdd(const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight) {
    checkWeight("token_linear_add", x, weight);
    std::vector<float> sums = productOf(weight, wide(x.contiguous()));
    const std::vector<float> before = wide(residual.contiguous());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += before[i];
    }
    at::Tensor out = at::empty_like(residual);
    narrow(sums, out);
    return out;
}

/// x += down(silu(gate(h)) · up(h))
void addFeedForward(std::vector<float>& x,
                    const std::vector<float>& h,
                    const at::Tensor& gate,
                    const at::Tensor& up,
                    const at::Tensor& down) {
    std::vector<float> gates(static_cast<std::size_t>(gate.size(0))), ups(gates.size());
    parallelRows(gate.size(0), 2 * gate.size(1), [&](std::int64_t begin, std::int64_t end) {
        product(gate, begin, end, h.data(), gates.data());
        product(up, begin, end, h.data(), ups.data());
        for (std::int64_t r = begin; r < end; ++r) {
            float& g = gates[static_cast<std::size_t>(r)];
            g = g / (1.0F + std::exp(-g)) * ups[static_cast<std::size_t>(r)];
        }
    });
    const std::vector<float> out = productOf(down, gates);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] += out[i];
    }
}

at::Tensor feedForward(const at::Tensor& x,
                       const at::Tensor& gain,
                       const at::Tensor& gate,
                       const at::Tensor& up,
                       const at::Tensor& down,
                       double epsilon) {
    for (const at::Tensor* weight : {&gate, &up, &down}) {
        checkWeight("token_feed_forward", x, *weight);
    }
    std::vector<float> values = wide(x.contiguous());
    addFeedForward(values, normed(values, wide(gain), epsilon), gate, up, down);
    at::Tensor out = at::empty_like(x);
    narrow(values, out);
    return out;
}

at::Tensor expert(const at::Tensor& h,
                  at::TensorList weights,
                  std::int64_t headDim,
                  std::int64_t loops,
                  double epsilon) {
    for (const std::size_t i : {1, 2, 4, 5, 6}) {
        checkWeight("token_expert", h, weights[i]);
    }
    std::vector<float> z = wide(h.contiguous());
    const std::vector<float> steps = wide(weights[7].contiguous());
    const std::vector<float> attentionGain = wide(weights[0]), ffnGain = wide(weights[3]);
    const std::int64_t group = weights[2].size(1) / weights[1].size(0);
    for (std::int64_t s = 0; s < loops; ++s) {
        for (std::size_t i = 0; i < z.size(); ++i) {
            z[i] += steps[static_cast<std::size_t>(s) * z.size() + i];
        }
        std::vector<float> value = productOf(weights[1], normed(z, attentionGain, epsilon));
        if (group > 1) {
            std::vector<float> repeated;
            for (std::size_t head = 0; head < value.size();
                 head += static_cast<std::size_t>(headDim)) {
                for (std::int64_t g = 0; g < group; ++g) {
                    repeated.insert(repeated.end(),
                                    value.begin() + static_cast<std::ptrdiff_t>(head),
                                    value.begin() + static_cast<std::ptrdiff_t>(head) + headDim);
                }
            }
            value = std::move(repeated);
        }
        const std::vector<float> attended = productOf(weights[2], value);
        for (std::size_t i = 0; i < z.size(); ++i) {
            z[i] += attended[i];
        }
        addFeedForward(z, normed(z, ffnGain, epsilon), weights[4], weights[5], weights[6]);
    }
    at::Tensor out = at::empty_like(h);
    narrow(normed(z, wide(weights[8]), epsilon), out);
    return out;
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("token_project", project);
    m.impl("token_attend", attend);
    m.impl("token_linear", linear);
    m.impl("token_linear_add", linearAdd);
    m.impl("token_feed_forward", feedForward);
    m.impl("token_expert", expert);
}

} // namespace depthscope::ops::cpu
