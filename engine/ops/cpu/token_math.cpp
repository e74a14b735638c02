// SPDX-License-Identifier: MIT
#include "engine/ops/cpu/token_math.h"

#include "engine/ops/cpu/kernels.h"
#include "engine/ops/token.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

namespace depthscope::ops::cpu {

void checkWeights(const char* op, const at::Tensor& x, at::TensorList weights) {
    const bool known = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
    for (const at::Tensor& weight : weights) {
        TORCH_CHECK(known && weight.is_contiguous() && weight.scalar_type() == x.scalar_type(), op,
                    ": weights and input must be contiguous and all float or all bfloat16");
    }
}

Floats wide(const at::Tensor& x) {
    const auto count = static_cast<std::size_t>(x.numel());
    const c10::MaybeOwned<at::Tensor> packed = x.expect_contiguous();
    if (x.scalar_type() == at::kFloat) {
        const float* from = packed->const_data_ptr<float>();
        return {from, from + count};
    }
    const auto* from = packed->const_data_ptr<at::BFloat16>();
    return {from, from + count};
}

void narrow(const Floats& values, const at::Tensor& to) {
    if (to.scalar_type() == at::kFloat) {
        std::copy(values.begin(), values.end(), to.mutable_data_ptr<float>());
    } else {
        std::copy(values.begin(), values.end(), to.mutable_data_ptr<at::BFloat16>());
    }
}

at::Tensor narrowed(const Floats& values, at::IntArrayRef shape, at::ScalarType type) {
    at::Tensor out = at::empty(shape, type);
    narrow(values, out);
    return out;
}

namespace {

void productOfOne(const at::Tensor& weight,
                  std::int64_t begin,
                  std::int64_t end,
                  const float* x,
                  float* out) {
    const std::int64_t columns = weight.size(1);
    if (weight.scalar_type() == at::kFloat) {
        kernels().dotFloat(
            {weight.const_data_ptr<float>() + begin * columns, columns, end - begin, columns}, x,
            out + begin);
    } else {
        const auto* bits = reinterpret_cast<const Brain*>(weight.const_data_ptr<at::BFloat16>());
        kernels().dotBrain({bits + begin * columns, columns, end - begin, columns}, x, out + begin);
    }
}

/// Rows of a weight that all vectors go through before the next ones: they stay in the first cache.
std::int64_t rowsAtOnce(const at::Tensor& weight) {
    constexpr std::int64_t kBytes = 16 * 1024, kFewest = 16, kTogether = 4;
    const std::int64_t rowBytes = std::max<std::int64_t>(
        1, weight.size(1) * static_cast<std::int64_t>(weight.element_size()));
    return std::max(kFewest, kBytes / rowBytes / kTogether * kTogether);
}

} // namespace

void product(const at::Tensor& weight,
             std::int64_t begin,
             std::int64_t end,
             const Floats& x,
             float* out) {
    const std::int64_t rows = weight.size(0), columns = weight.size(1);
    const std::int64_t vectors = static_cast<std::int64_t>(x.size()) / columns;
    const std::int64_t piece = vectors == 1 ? rows : rowsAtOnce(weight);
    for (std::int64_t from = begin; from < end; from += piece) {
        const std::int64_t to = std::min(from + piece, end);
        for (std::int64_t i = 0; i < vectors; ++i) {
            productOfOne(weight, from, to, x.data() + i * columns, out + i * rows);
        }
    }
}

void parallelRows(std::int64_t rows,
                  std::int64_t products,
                  const std::function<void(std::int64_t, std::int64_t)>& work) {
    const std::int64_t grain = std::max<std::int64_t>(1, kTokenGrain / products);
    if (rows <= grain) {
        work(0, rows);
    } else {
        at::parallel_for(0, rows, grain, work);
    }
}

Floats productOf(const at::Tensor& weight, const Floats& x) {
    const auto rows = static_cast<std::size_t>(weight.size(0));
    const auto columns = static_cast<std::size_t>(weight.size(1));
    Floats out(x.size() / columns * rows);
    parallelRows(
        weight.size(0), static_cast<std::int64_t>(x.size()),
        [&](std::int64_t begin, std::int64_t end) { product(weight, begin, end, x, out.data()); });
    return out;
}

Floats normed(const Floats& x, const Floats& gain, double epsilon) {
    const std::size_t width = gain.size();
    Floats out(x.size());
    for (std::size_t first = 0; first < x.size(); first += width) {
        const float squares = kernels().squares(x.data() + first, static_cast<std::int64_t>(width));
        const auto scale = static_cast<float>(
            1.0 / std::sqrt(static_cast<double>(squares) / static_cast<double>(width) + epsilon));
        for (std::size_t i = 0; i < width; ++i) {
            out[first + i] = x[first + i] * scale * gain[i];
        }
    }
    return out;
}

void add(Floats& x, const Floats& y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] += y[i];
    }
}

void addFeedForward(Floats& x,
                    const Floats& h,
                    const at::Tensor& gate,
                    const at::Tensor& up,
                    const at::Tensor& down) {
    const std::int64_t width = gate.size(0);
    const std::int64_t vectors = static_cast<std::int64_t>(h.size()) / gate.size(1);
    Floats gates(static_cast<std::size_t>(vectors * width)), ups(gates.size());
    parallelRows(width, 2 * static_cast<std::int64_t>(h.size()),
                 [&](std::int64_t begin, std::int64_t end) {
                     product(gate, begin, end, h, gates.data());
                     product(up, begin, end, h, ups.data());
                     for (std::int64_t i = 0; i < vectors; ++i) {
                         const std::int64_t first = i * width + begin;
                         kernels().gated(gates.data() + first, ups.data() + first, end - begin);
                     }
                 });
    add(x, productOf(down, gates));
}

} // namespace depthscope::ops::cpu
