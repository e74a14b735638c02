// SPDX-License-Identifier: MIT
// The operators of routing: choose the k best tokens, gather them, scatter them back with their
// gate (docs/routing.md 3.2). Each goes through the dispatcher: ATen reference everywhere, our
// kernels on CUDA. Letters: B batch, N tokens to choose from, k chosen, D width. Engine thread;
// errors are c10::Error.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace depthscope::ops {

/// Positions of the k largest scores of each row in ascending order; equal scores: lowest position
/// wins. scores [B, N] floating, 1 <= k <= N -> [B, k] int64. Not differentiable; throws when a
/// gradient is asked.
[[nodiscard]] at::Tensor topkPositions(const at::Tensor& scores, std::int64_t k);

/// x [B, N, D], positions [B, k] int64 in 0..N-1 -> [B, k, D].
[[nodiscard]] at::Tensor gatherRows(const at::Tensor& x, const at::Tensor& positions);

/// x with x[b, positions[b, i]] += gate[b, i] · h[b, i]. x [B, N, D], h [B, k, D], gate [B, k] ->
/// [B, N, D]. A position may occur twice only if all but one of its gates are 0.
[[nodiscard]] at::Tensor gatedScatter(const at::Tensor& x,
                                      const at::Tensor& positions,
                                      const at::Tensor& h,
                                      const at::Tensor& gate);

} // namespace depthscope::ops
