// SPDX-License-Identifier: MIT
// The token operators (ops/token.h) by our kernels: checks, memory, and which kernel runs over
// what. Everything but the launches themselves, so that the tests run it without a GPU. Up to
// kFewTokens sequences go through our products; for more ATen's are faster, and only their
// attention is ours. Errors are c10::Error. Engine thread.
#pragma once

#include "engine/ops/cuda/launcher.h"

#include <ATen/core/Tensor.h>

#include <tuple>

namespace depthscope::ops::cuda {

inline constexpr std::int64_t kFewTokens = 8;

/// depthscope::token_attention.
[[nodiscard]] at::Tensor tokenAttention(Launcher& launcher,
                                        const at::Tensor& x,
                                        at::TensorList weights,
                                        const at::Tensor& cosine,
                                        const at::Tensor& sine,
                                        at::TensorList keys,
                                        at::TensorList values,
                                        at::IntArrayRef entries,
                                        at::IntArrayRef append,
                                        double epsilon);

/// depthscope::token_feed_forward.
[[nodiscard]] at::Tensor tokenFeedForward(Launcher& launcher,
                                          const at::Tensor& x,
                                          const at::Tensor& gain,
                                          const at::Tensor& gate,
                                          const at::Tensor& up,
                                          const at::Tensor& down,
                                          double epsilon);

/// depthscope::token_head.
[[nodiscard]] at::Tensor tokenHead(Launcher& launcher,
                                   const at::Tensor& x,
                                   const at::Tensor& gain,
                                   const at::Tensor& weight,
                                   double epsilon);

/// depthscope::token_mixture.
[[nodiscard]] std::tuple<at::Tensor, at::Tensor, at::Tensor> tokenMixture(Launcher& launcher,
                                                                          const at::Tensor& x,
                                                                          const at::Tensor& gain,
                                                                          const at::Tensor& router,
                                                                          at::TensorList experts,
                                                                          std::int64_t perToken,
                                                                          std::int64_t headDim,
                                                                          std::int64_t loops,
                                                                          double epsilon);

} // namespace depthscope::ops::cuda
