// SPDX-License-Identifier: MIT
// What a layer does to every element between its products: any shape, with gradient. ATen on the
// CPU, where a pass over memory costs little beside the products; on a GPU one kernel each instead
// of three to eight. Any thread with tensors of its own; faults are c10::Error. Letters: D width, E
// head_dim.
#pragma once

#include <ATen/core/Tensor.h>

#include <tuple>

namespace depthscope::ops {

/// x · rsqrt(mean(x²) + ε) · gain, statistics in fp32 (fp64 for fp64). x [.., D].
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon);

/// Rotary position embedding: element i of the last dimension turned with i + E/2 by the angles of
/// broadcastable `cosine` and `sine` [.., E/2], which have no gradient. x [.., E].
[[nodiscard]] at::Tensor
rotateHalves(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);

/// silu(gate) · up, of equal shapes.
[[nodiscard]] at::Tensor gated(const at::Tensor& gate, const at::Tensor& up);

/// By gate and up, of a value that depends on gated(gate, up) by `gradient`.
[[nodiscard]] std::tuple<at::Tensor, at::Tensor>
gatedBackward(const at::Tensor& gradient, const at::Tensor& gate, const at::Tensor& up);

} // namespace depthscope::ops
