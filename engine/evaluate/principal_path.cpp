// SPDX-License-Identifier: MIT
#include "engine/evaluate/principal_path.h"

#include <ATen/ATen.h>

namespace depthscope::evaluate {

// The coordinates of few points in many dimensions are the leading eigenvectors of their matrix of
// inner products, scaled by the roots of its eigenvalues.
PrincipalPath principalPath(const at::Tensor& paths) {
    const at::Tensor points = paths.to(at::kDouble);
    const at::Tensor centred = points - points.mean(1, true);
    const at::Tensor products = centred.matmul(centred.transpose(1, 2)).cpu();
    const auto [ascending, vectors] = at::linalg_eigh(products);
    const std::int64_t count = products.size(1);
    const at::Tensor variance = ascending.clamp_min(0).slice(1, count - 2).flip(1);
    const at::Tensor made = vectors.slice(2, count - 2).flip(2) * variance.sqrt().unsqueeze(1);
    const at::Tensor isBelow = made.select(1, count - 1).lt(0).unsqueeze(1);
    return {at::where(isBelow, made.neg(), made).to(at::kFloat),
            (variance / products.diagonal(0, 1, 2).sum(-1, true)).to(at::kFloat)};
}

} // namespace depthscope::evaluate
