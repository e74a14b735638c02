// SPDX-License-Identifier: MIT
// A whole mixture of recursive experts over one token (docs/routing.md 1.2) on the CPU.
#include "engine/ops/cpu/token_math.h"
#include "engine/ops/token.h"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace depthscope::ops::cpu {

namespace {

struct Chosen {
    std::vector<std::int64_t> index; // the heaviest first, the lowest index first among equals
    Floats weight;                   // sums to 1
};

Chosen choose(Floats logits, std::int64_t perToken) {
    const float most = *std::max_element(logits.begin(), logits.end());
    for (float& logit : logits) {
        logit = std::exp(logit - most);
    }
    Chosen chosen;
    chosen.index.resize(logits.size());
    std::iota(chosen.index.begin(), chosen.index.end(), 0);
    const auto p = [&](std::int64_t i) { return logits[static_cast<std::size_t>(i)]; };
    std::stable_sort(chosen.index.begin(), chosen.index.end(),
                     [&](std::int64_t a, std::int64_t b) { return p(a) > p(b); });
    chosen.index.resize(static_cast<std::size_t>(perToken));
    float total = 0;
    for (const std::int64_t i : chosen.index) {
        total += p(i);
    }
    for (const std::int64_t i : chosen.index) {
        chosen.weight.push_back(p(i) / total);
    }
    return chosen;
}

/// Each key-value head's values for every query head of its group.
Floats repeated(Floats value, std::int64_t headDim, std::size_t wanted) {
    if (value.size() == wanted) {
        return value;
    }
    Floats out;
    out.reserve(wanted);
    const std::size_t group = wanted / value.size();
    for (auto head = value.begin(); head != value.end(); head += headDim) {
        for (std::size_t g = 0; g < group; ++g) {
            out.insert(out.end(), head, head + headDim);
        }
    }
    return out;
}

Floats runExpert(Floats z,
                 at::TensorList parts,
                 std::int64_t headDim,
                 std::int64_t loops,
                 double epsilon) {
    const Floats steps = wide(parts[7]), attentionGain = wide(parts[0]), ffnGain = wide(parts[3]);
    const std::size_t D = z.size();
    for (std::size_t s = 0; s < static_cast<std::size_t>(loops); ++s) {
        for (std::size_t i = 0; i < D; ++i) {
            z[i] += steps[s * D + i];
        }
        // softmax attention over one key is the value itself
        Floats value = productOf(parts[1], normed(z, attentionGain, epsilon));
        const auto width = static_cast<std::size_t>(parts[2].size(1));
        add(z, productOf(parts[2], repeated(std::move(value), headDim, width)));
        addFeedForward(z, normed(z, ffnGain, epsilon), parts[4], parts[5], parts[6]);
    }
    return normed(z, wide(parts[8]), epsilon);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> mixture(const at::Tensor& x,
                                                       const at::Tensor& gain,
                                                       const at::Tensor& router,
                                                       at::TensorList experts,
                                                       std::int64_t perToken,
                                                       std::int64_t headDim,
                                                       std::int64_t loops,
                                                       double epsilon) {
    checkWeights("token_mixture", x, router);
    checkWeights("token_mixture", x, experts);
    Floats sum = wide(x);
    const Floats h = normed(sum, wide(gain), epsilon);
    const Chosen chosen = choose(productOf(router, h), perToken);
    std::vector<std::size_t> order(chosen.index.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return chosen.index[a] < chosen.index[b]; });
    Floats mixed(sum.size());
    for (const std::size_t place : order) { // sums run by ascending expert
        const auto first = static_cast<std::size_t>(chosen.index[place]) * kTokenExpertParts;
        const Floats out =
            runExpert(h, experts.slice(first, kTokenExpertParts), headDim, loops, epsilon);
        for (std::size_t i = 0; i < out.size(); ++i) {
            mixed[i] += out[i] * chosen.weight[place];
        }
    }
    add(sum, mixed);
    at::Tensor index = at::empty({1, 1, perToken}, at::kLong);
    std::copy(chosen.index.begin(), chosen.index.end(), index.mutable_data_ptr<std::int64_t>());
    return {narrowed(sum, x.sizes(), x.scalar_type()), std::move(index),
            narrowed(chosen.weight, {1, 1, perToken}, x.scalar_type())};
}

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CPU, m) {
    m.impl("token_mixture", mixture);
}

} // namespace depthscope::ops::cpu
