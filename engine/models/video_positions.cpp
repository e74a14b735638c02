// SPDX-License-Identifier: MIT
#include "engine/models/video_positions.h"

#include "engine/spec/video_weights.h"

#include <ATen/ATen.h>

#include <cmath>

namespace depthscope::models {

namespace {

constexpr double kTheta = 10000.0;

/// theta^(-i / count) for i < count.
at::Tensor frequencies(std::int64_t count) {
    const at::Tensor exponents =
        at::arange(count, at::kDouble) / -static_cast<double>(std::max<std::int64_t>(1, count));
    return at::pow(at::scalar_tensor(kTheta, at::kDouble), exponents);
}

/// [count, pairs]
at::Tensor anglesOf(std::int64_t count, std::int64_t pairs) {
    return at::arange(count, at::kDouble).unsqueeze(1) * frequencies(pairs);
}

} // namespace

nn::Rotary rotary3d(const spec::Extent3& grid, std::int64_t headWidth, at::ScalarType dtype) {
    const spec::Extent3 pairs = spec::rotaryPairs(headWidth);
    const auto spread = [&](const at::Tensor& angles, at::IntArrayRef shape) {
        return angles.view(shape).expand({grid.frames, grid.rows, grid.columns, angles.size(1)});
    };
    const at::Tensor angles =
        at::cat(
            {spread(anglesOf(grid.frames, pairs.frames), {grid.frames, 1, 1, pairs.frames}),
             spread(anglesOf(grid.rows, pairs.rows), {1, grid.rows, 1, pairs.rows}),
             spread(anglesOf(grid.columns, pairs.columns), {1, 1, grid.columns, pairs.columns})},
            -1)
            .reshape({1, grid.count(), headWidth / 2});
    return {angles.cos().to(dtype), angles.sin().to(dtype)};
}

at::Tensor sincos(std::int64_t count, std::int64_t width) {
    const at::Tensor angles = anglesOf(count, width / 2);
    return at::cat({angles.sin(), angles.cos()}, -1).to(at::kFloat);
}

at::Tensor sincos2d(const spec::Extent3& grid, std::int64_t width) {
    const at::Tensor rows = sincos(grid.rows, width / 2).unsqueeze(1);
    const at::Tensor columns = sincos(grid.columns, width / 2).unsqueeze(0);
    return at::cat({rows.expand({grid.rows, grid.columns, width / 2}),
                    columns.expand({grid.rows, grid.columns, width / 2})},
                   -1)
        .reshape({grid.rows * grid.columns, width});
}

at::Tensor timeSinusoid(const at::Tensor& t) {
    constexpr double kScale = 1000.0;
    const at::Tensor scaled = (t.to(at::kFloat) * kScale).unsqueeze(1);
    const at::Tensor angles = scaled * frequencies(spec::kTimeWidth / 2).to(t.device(), at::kFloat);
    return at::cat({angles.cos(), angles.sin()}, -1);
}

} // namespace depthscope::models
