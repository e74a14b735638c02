// SPDX-License-Identifier: MIT
// A path of states seen in its own two principal components: centred on its mean, the directions in
// which it varies most. Engine thread. Letters: N paths, P points each, D width.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::evaluate {

/// Both float, on the CPU.
struct PrincipalPath {
    at::Tensor points; ///< [N, P, 2]; in either component the last point is not below 0
    at::Tensor shares; ///< [N, 2] of the variance; NaN where the path never moved
};

/// Of paths [N, P, D] with at least two points.
[[nodiscard]] PrincipalPath principalPath(const at::Tensor& paths);

} // namespace depthscope::evaluate
