// SPDX-License-Identifier: MIT
// What ops/diffusion.h does on the CPU, in fp32 and without gradient; the last dimension of every
// tensor is contiguous. Internal to engine/ops.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::ops::cpu {

[[nodiscard]] at::Tensor modulatedNorm(const at::Tensor& x,
                                       const at::Tensor& shift,
                                       const at::Tensor& scale,
                                       double epsilon);

[[nodiscard]] at::Tensor
turnedHeads(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

} // namespace depthscope::ops::cpu
