// SPDX-License-Identifier: MIT
// Steps of a diffusion transformer's block that ATen does in several passes over the states
// (docs/video_models.md, "Model"). On the CPU in fp32, where no gradient is wanted, a kernel does
// each in one pass; elsewhere ATen does. Engine thread; errors are c10::Error. Letters: B batch, K
// tokens, P parts, D width, H heads, E head width.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::ops {

/// (1 + scale) LN(x) + shift, LN without gain and bias. x [B, K, D]; shift and scale [B, 1, D].
[[nodiscard]] at::Tensor modulatedNorm(const at::Tensor& x,
                                       const at::Tensor& shift,
                                       const at::Tensor& scale,
                                       double epsilon);

/// Each of P parts of x [B, K, P, H, E] (queries, keys), the halves of a head turned by rotary
/// angles: cosine and sine [1 or B, K, E/2] -> [P, B, H, K, E].
[[nodiscard]] at::Tensor
turnedHeads(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

} // namespace depthscope::ops
