// SPDX-License-Identifier: MIT
// Aligned routing: a loss that teaches the router of Stage 2 to rank the tokens of the target side
// by their own present error (docs/video_models.md). Engine thread. Letters: B clips, N tokens of
// the side.
#pragma once

#include "engine/models/routed_state.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::models {

/// Binary cross-entropy between the router's logits, whose input had no gradient, and membership of
/// the k tokens with the largest error among those considered; mean over these, summed over the
/// recursions that select. `errors` [B, N]: squared error of the prediction of each token; its
/// gradient is not used. Undefined where no recursion selects.
[[nodiscard]] at::Tensor alignedLoss(const std::vector<Ranking>& rankings,
                                     const at::Tensor& errors);

} // namespace depthscope::models
