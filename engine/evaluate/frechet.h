// SPDX-License-Identifier: MIT
// The Fréchet distance between two sets of features, each taken as a Gaussian (Dowson and Landau
// 1982; as in FID, Heusel et al. 2017): |m1 - m2|² + tr(C1 + C2 - 2 (C1^½ C2 C1^½)^½). Pure
// functions; engine thread. Letters: n samples, F features.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::evaluate {

struct Gaussian {
    at::Tensor mean;       ///< [F] double
    at::Tensor covariance; ///< [F, F] double, symmetric, not negative
};

/// Mean and covariance (divided by n - 1) of features [n, F], n of 2 at least.
[[nodiscard]] Gaussian gaussianOf(const at::Tensor& features);

/// Not negative; 0 for equal ones.
[[nodiscard]] double frechetDistance(const Gaussian& a, const Gaussian& b);

/// Of features [n, F] and [n', F].
[[nodiscard]] double frechetDistance(const at::Tensor& a, const at::Tensor& b);

} // namespace depthscope::evaluate
