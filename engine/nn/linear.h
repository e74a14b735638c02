// SPDX-License-Identifier: MIT
// The matrix product of every layer. Engine thread; gradients flow where grad mode is on.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::nn {

/// x · weightᵀ + bias, bias undefined where there is none. x [.., D], weight [V, D] -> [.., V].
/// A product of bfloat16 (also under autocast) sums in fp32 and rounds once, whether the processor
/// has instructions for it or not: without them ATen's own is several times slower than fp32's.
/// Under the CPU's autocast products that are too small to pay for their casts stay fp32.
[[nodiscard]] at::Tensor
linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

} // namespace depthscope::nn
