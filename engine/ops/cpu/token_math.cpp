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

void product(const at::Tensor& weight,
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

void parallelRows(std::int64_t rows,
                  std::int64_t columns,
                  const std::function<void(std::int64_t, std::int64_t)>& work) {
    const std::int64_t grain = std::max<std::int64_t>(1, kTokenGrain / columns);
    if (rows <= grain) {
        work(0, rows);
    } else {
        at::parallel_for(0, rows, grain, work);
    }
}

Floats productOf(const at::Tensor& weight, const Floats& x) {
    Floats out(static_cast<std::size_t>(weight.size(0)));
    parallelRows(weight.size(0), weight.size(1), [&](std::int64_t begin, std::int64_t end) {
        product(weight, begin, end, x.data(), out.data());
    });
    return out;
}

Floats normed(const Floats& x, const Floats& gain, double epsilon) {
    const float squares = kernels().squares(x.data(), static_cast<std::int64_t>(x.size()));
    const auto scale = static_cast<float>(
        1.0 / std::sqrt(static_cast<double>(squares) / static_cast<double>(x.size()) + epsilon));
    Floats out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        out[i] = x[i] * scale * gain[i];
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
    Floats gates(static_cast<std::size_t>(gate.size(0))), ups(gates.size());
    parallelRows(gate.size(0), 2 * gate.size(1), [&](std::int64_t begin, std::int64_t end) {
        product(gate, begin, end, h.data(), gates.data());
        product(up, begin, end, h.data(), ups.data());
        kernels().gated(gates.data() + begin, ups.data() + begin, end - begin);
    });
    add(x, productOf(down, gates));
}

} // namespace depthscope::ops::cpu
