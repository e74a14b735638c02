// SPDX-License-Identifier: MIT
// Where a token of a clip is: rotary angles of three axes, and sine-cosine tables (docs/
// video_models.md). Engine thread. Letters: N tokens of the grid, D width, E head width.
#pragma once

#include "engine/nn/layers.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace depthscope::models {

/// cos and sin [1, N, E/2] of frame, row and column, each axis with its own pairs
/// (spec::rotaryPairs) and frequencies 10000^(-i / pairs) from 1 (Wan 2.1's split; halves turn
/// together instead of neighbours, which is the same up to the order of channels). fp32 computed.
[[nodiscard]] nn::Rotary
rotary3d(const spec::Extent3& grid, std::int64_t headWidth, at::ScalarType dtype);

/// sin and cos of positions 0 .. count - 1 by frequencies 10000^(-i / (width / 2)): [count, width],
/// sines first (Vaswani et al. 2017 as in DiT).
[[nodiscard]] at::Tensor sincos(std::int64_t count, std::int64_t width);

/// Of row and column, half the width each: [rows · columns, D]. fp32.
[[nodiscard]] at::Tensor sincos2d(const spec::Extent3& grid, std::int64_t width);

/// A noise level t [B] as 256 numbers: cos, then sin of 1000 t · 10000^(-i / 128) (DiT). [B, 256]
/// float.
[[nodiscard]] at::Tensor timeSinusoid(const at::Tensor& t);

} // namespace depthscope::models
