// SPDX-License-Identifier: MIT
// What the routing operators refuse, the same in the reference and in the CPU's kernels. Throws
// c10::Error; any thread.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::ops {

inline void checkTopk(const at::Tensor& scores, std::int64_t k) {
    TORCH_CHECK(scores.dim() == 2 && scores.is_floating_point(),
                "topk_positions: scores must be floating [B, N], got ", scores.sizes());
    TORCH_CHECK(k >= 1 && k <= scores.size(1), "topk_positions: k is ", k, " of ", scores.size(1));
}

inline void checkPositions(const char* op, const at::Tensor& x, const at::Tensor& positions) {
    TORCH_CHECK(x.dim() == 3, op, ": x must be [B, N, D], got ", x.sizes());
    TORCH_CHECK(positions.dim() == 2 && positions.scalar_type() == at::kLong &&
                    positions.size(0) == x.size(0),
                op, ": positions must be int64 [B, k], got ", positions.sizes());
}

inline void checkScatter(const at::Tensor& x,
                         const at::Tensor& positions,
                         const at::Tensor& h,
                         const at::Tensor& gate) {
    checkPositions("gated_scatter", x, positions);
    TORCH_CHECK(h.dim() == 3 && h.size(1) == positions.size(1) && h.size(2) == x.size(2),
                "gated_scatter: h must be [B, k, D], got ", h.sizes());
    TORCH_CHECK(gate.sizes() == positions.sizes(), "gated_scatter: gate must be [B, k], got ",
                gate.sizes());
    TORCH_CHECK(h.scalar_type() == x.scalar_type() && gate.scalar_type() == x.scalar_type(),
                "gated_scatter: h and gate must be ", x.scalar_type(), " as x, got ",
                h.scalar_type(), " and ", gate.scalar_type());
}

} // namespace depthscope::ops
