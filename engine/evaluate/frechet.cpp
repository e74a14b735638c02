// SPDX-License-Identifier: MIT
#include "engine/evaluate/frechet.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace depthscope::evaluate {

namespace {

/// The root of a symmetric matrix that is not negative; rounding below 0 counts as 0.
at::Tensor rootOf(const at::Tensor& matrix) {
    const auto [values, vectors] = at::linalg_eigh(matrix);
    return at::matmul(vectors * values.clamp_min(0).sqrt(), vectors.t());
}

} // namespace

Gaussian gaussianOf(const at::Tensor& features) {
    const at::Tensor x = features.to(at::kCPU, at::kDouble);
    const at::Tensor mean = x.mean(0);
    const at::Tensor centred = x - mean;
    return {mean, at::matmul(centred.t(), centred) / static_cast<double>(x.size(0) - 1)};
}

double frechetDistance(const Gaussian& a, const Gaussian& b) {
    const at::Tensor root = rootOf(a.covariance);
    const at::Tensor product = at::matmul(at::matmul(root, b.covariance), root);
    const at::Tensor values = at::linalg_eigvalsh(0.5 * (product + product.t()));
    const at::Tensor spread =
        a.covariance.trace() + b.covariance.trace() - 2.0 * values.clamp_min(0).sqrt().sum();
    return std::max(0.0, ((a.mean - b.mean).square().sum() + spread).item<double>());
}

double frechetDistance(const at::Tensor& a, const at::Tensor& b) {
    return frechetDistance(gaussianOf(a), gaussianOf(b));
}

} // namespace depthscope::evaluate
