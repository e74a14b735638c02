// SPDX-License-Identifier: MIT
// The operators of ops/layer.h by our kernels, all but the launches. Any thread with tensors of its
// own.
#pragma once

#include "engine/ops/cuda/launcher.h"

#include <ATen/core/Tensor.h>

#include <tuple>

namespace depthscope::ops::cuda {

/// depthscope::rotate_halves.
[[nodiscard]] at::Tensor rotateHalves(Launcher& launcher,
                                      const at::Tensor& x,
                                      const at::Tensor& cosine,
                                      const at::Tensor& sine);

/// depthscope::gated.
[[nodiscard]] at::Tensor gated(Launcher& launcher, const at::Tensor& gate, const at::Tensor& up);

/// depthscope::gated_backward.
[[nodiscard]] std::tuple<at::Tensor, at::Tensor> gatedBackward(Launcher& launcher,
                                                               const at::Tensor& gradient,
                                                               const at::Tensor& gate,
                                                               const at::Tensor& up);

} // namespace depthscope::ops::cuda
