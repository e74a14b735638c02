// SPDX-License-Identifier: MIT
#include "engine/nn/linear.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <algorithm>

namespace depthscope::nn {

namespace {

bool multipliesBrains() {
#if defined(__x86_64__)
    static const bool known = __builtin_cpu_supports("avx512bf16") != 0;
    return known;
#else
    return true;
#endif
}

/// Widening the weights must be worth it.
constexpr std::int64_t kFewRows = 4;

/// Under the processor's autocast a product in bfloat16 reads and writes x, the weight and the
/// result once more, to cast them. By 15 GB/s of casts and 250 against 625 GFLOP/s of products
/// (fp32 and bfloat16 of two cores with matrix units, an estimate) that pays from 80 to 170
/// multiplications for each element that is cast, the latter with gradients; what does not clearly
/// pay stays fp32. By shape alone, so that a training is the same each time.
constexpr std::int64_t kProductsPerCast = 200;

bool isAutocast(const at::Tensor& x) {
    return x.is_cpu() && at::autocast::is_autocast_enabled(at::kCPU) &&
           (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

bool paysInBrains(const at::Tensor& x, const at::Tensor& weight) {
    const std::int64_t out = weight.size(0), in = weight.size(1);
    const std::int64_t rows = x.numel() / std::max<std::int64_t>(1, in);
    return rows * in * out >= kProductsPerCast * (rows * in + in * out + rows * out);
}

bool wantsWidening(const at::Tensor& x) {
    const bool brain =
        x.scalar_type() == at::kBFloat16 ||
        (x.scalar_type() == at::kFloat && at::autocast::is_autocast_enabled(at::kCPU));
    return brain && x.is_cpu() && !multipliesBrains() && x.numel() >= kFewRows * x.size(-1);
}

} // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    if (isAutocast(x) && weight.scalar_type() == at::kFloat && !paysInBrains(x, weight)) {
        const c10::impl::ExcludeDispatchKeyGuard noCast(c10::DispatchKey::AutocastCPU);
        return at::linear(x.to(at::kFloat), weight, bias);
    }
    if (!wantsWidening(x)) {
        return at::linear(x, weight, bias);
    }
    const c10::impl::ExcludeDispatchKeyGuard noCast(c10::DispatchKey::AutocastCPU);
    const auto widened = [](const at::Tensor& t) {
        return t.defined() ? t.to(at::kBFloat16).to(at::kFloat) : t; // products of these are exact
    };
    return at::linear(widened(x), widened(weight), widened(bias)).to(at::kBFloat16);
}

} // namespace depthscope::nn
