// SPDX-License-Identifier: MIT
#include "engine/nn/linear.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

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

bool wantsWidening(const at::Tensor& x) {
    const bool brain =
        x.scalar_type() == at::kBFloat16 ||
        (x.scalar_type() == at::kFloat && at::autocast::is_autocast_enabled(at::kCPU));
    return brain && x.is_cpu() && !multipliesBrains() && x.numel() >= kFewRows * x.size(-1);
}

} // namespace

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
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
