// SPDX-License-Identifier: MIT
#include "engine/ops/cuda/token_host.h"

#include "engine/ops/cuda/token_launch.h"
#include "engine/ops/layer_formulas.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace depthscope::ops::cuda {

namespace {

at::Tensor normed(const at::Tensor& x, const at::Tensor& gain, double epsilon) {
    return at::rms_norm(x, {x.size(-1)}, gain, epsilon);
}

void checkEntries(const at::Tensor& x, const Attended& to, std::int64_t rotated) {
    const auto tokens = static_cast<std::size_t>(x.size(0));
    TORCH_CHECK(x.dim() == 3 && x.size(1) == 1 && tokens > 0 && to.keys.size() == tokens &&
                    to.values.size() == tokens && to.entries.size() == tokens &&
                    to.append.size() == tokens,
                "token_attention: one token of each sequence, each over its own entries");
    for (std::size_t i = 0; i < tokens; ++i) {
        const at::Tensor &keys = to.keys[i], &values = to.values[i];
        TORCH_CHECK(keys.dim() == 4 && keys.size(0) == 1 && keys.stride(3) == 1 &&
                        keys.size(1) == to.keys[0].size(1) && keys.size(3) == 2 * rotated &&
                        keys.scalar_type() == x.scalar_type() && keys.device() == x.device() &&
                        values.scalar_type() == x.scalar_type() && values.device() == x.device() &&
                        keys.sizes() == values.sizes() && keys.strides() == values.strides() &&
                        to.entries[i] >= 1 && to.entries[i] <= keys.size(2),
                    "token_attention: keys and values that belong together");
    }
    TORCH_CHECK(2 * rotated <= kMostHeadDim, "token_attention: heads of ", 2 * rotated,
                " elements; at most ", kMostHeadDim);
}

/// Queries and, where wanted, keys and values: [S, width] float.
at::Tensor project(Launcher& launcher,
                   const at::Tensor& x,
                   at::TensorList weights,
                   bool makes,
                   double epsilon) {
    const auto parts = weights.slice(1, makes ? 3 : 1);
    if (x.size(0) > kFewTokens) {
        const at::Tensor h = normed(x, weights[0], epsilon);
        std::vector<at::Tensor> made;
        for (const at::Tensor& part : parts) {
            made.push_back(at::linear(h, part));
        }
        return at::cat(made, -1).to(at::kFloat).flatten(0, 1);
    }
    std::int64_t width = 0;
    for (const at::Tensor& part : parts) {
        width += part.size(0);
    }
    at::Tensor made = at::empty({x.size(0), width}, x.options().dtype(at::kFloat));
    projectInto(launcher, x, weights[0], parts, epsilon, made);
    return made;
}

/// x + weight · from. from [S, columns] float.
at::Tensor plusProduct(Launcher& launcher,
                       const at::Tensor& x,
                       const at::Tensor& weight,
                       const at::Tensor& from) {
    at::Tensor out = at::empty_like(x, at::MemoryFormat::Contiguous);
    addInto(launcher, x.contiguous(), weight, from, out);
    return out;
}

} // namespace

at::Tensor tokenAttention(Launcher& launcher,
                          const at::Tensor& x,
                          at::TensorList weights,
                          const at::Tensor& cosine,
                          const at::Tensor& sine,
                          at::TensorList keys,
                          at::TensorList values,
                          at::IntArrayRef entries,
                          at::IntArrayRef append,
                          double epsilon) {
    checkWeights("token_attention", x, weights);
    const Attended to{keys, values, entries, append, nullptr};
    checkEntries(x, to, cosine.size(-1));
    const bool makes = std::ranges::any_of(append, [](std::int64_t own) { return own != 0; });
    const at::Tensor made = project(launcher, x, weights, makes, epsilon);
    const std::int64_t heads = weights[1].size(0) / keys[0].size(3);
    const at::Tensor mixed = at::empty({x.size(0), weights[1].size(0)}, made.options());
    attendInto(launcher, made, to, {cosine.contiguous(), sine.contiguous(), heads}, mixed);
    if (x.size(0) > kFewTokens) {
        return x + at::linear(mixed.to(x.scalar_type()), weights[4]).view(x.sizes());
    }
    return plusProduct(launcher, x, weights[4], mixed);
}

at::Tensor tokenFeedForward(Launcher& launcher,
                            const at::Tensor& x,
                            const at::Tensor& gain,
                            const at::Tensor& gate,
                            const at::Tensor& up,
                            const at::Tensor& down,
                            double epsilon) {
    checkWeights("token_feed_forward", x, {gain, gate, up, down});
    if (x.size(0) > kFewTokens) {
        const at::Tensor h = normed(x, gain, epsilon);
        return x + at::linear(formulas::gated(at::linear(h, gate), at::linear(h, up)), down);
    }
    const at::Tensor opened = at::empty({x.size(0), gate.size(0)}, x.options().dtype(at::kFloat));
    openInto(launcher, x, gain, {gate, up}, epsilon, opened);
    return plusProduct(launcher, x, down, opened);
}

at::Tensor tokenHead(Launcher& launcher,
                     const at::Tensor& x,
                     const at::Tensor& gain,
                     const at::Tensor& weight,
                     double epsilon) {
    checkWeights("token_head", x, {gain, weight});
    if (x.size(0) * x.size(1) > kFewTokens) {
        return at::linear(normed(x, gain, epsilon), weight);
    }
    at::Tensor logits = at::empty({x.size(0), x.size(1), weight.size(0)}, x.options());
    Product product(x, weight);
    product.reads(x, gain, epsilon);
    product.writes(logits);
    product.run(launcher);
    return logits;
}

} // namespace depthscope::ops::cuda
