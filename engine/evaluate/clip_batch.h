// SPDX-License-Identifier: MIT
// Clips as what a video model reads, and back. Engine thread. Letters: B clips, T frames, X rows, Y
// columns of pixels.
#pragma once

#include "engine/data/clip.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace depthscope::evaluate {

/// Any endless set of clips of one size, by number.
using ClipSource = std::function<data::Clip(std::uint64_t index)>;

struct ClipBatch {
    at::Tensor pixels; ///< [B, 3, T, X, Y] float, -1..1
    at::Tensor labels; ///< [B] int64 (clipClass)
};

/// Three shapes, slow or fast.
inline constexpr std::int64_t kClipClasses = 6;

/// Of the foremost object: 2 · (disc, square, triangle) + (faster than 5 % of the shorter side a
/// frame); kClipClasses, which stands for none, where there is no such object.
[[nodiscard]] std::int64_t clipClass(const data::Clip& clip);

/// All of one size.
[[nodiscard]] ClipBatch batchOf(std::span<const data::Clip> clips);
[[nodiscard]] ClipBatch batchOf(const ClipSource& source, std::span<const std::uint64_t> numbers);

/// [3, T, X, Y] of -1..1, clamped, to [T, X, Y, 3] of 0..255.
[[nodiscard]] std::vector<std::uint8_t> bytesOfFrames(const at::Tensor& frames);

} // namespace depthscope::evaluate
