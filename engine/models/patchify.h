// SPDX-License-Identifier: MIT
// Clips as tokens and back: a permutation of numbers, nothing is computed. Engine thread. Letters:
// B clips, T frames, X by Y pixels, N tokens, P values of a patch.
#pragma once

#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

namespace depthscope::models {

/// [B, 3, T, X, Y] -> [B, N, P]: patches in the order frame, row, column; inside a patch frame,
/// row, column, colour.
[[nodiscard]] at::Tensor patchify(const at::Tensor& clips, const spec::Extent3& patch);

/// The exact inverse; `grid` of the N tokens.
[[nodiscard]] at::Tensor
unpatchify(const at::Tensor& tokens, const spec::Extent3& grid, const spec::Extent3& patch);

} // namespace depthscope::models
