// SPDX-License-Identifier: MIT
// The rows of a matrix brought together by the expert that each goes to, so that an expert is one
// product. On the CPU the rows are sorted and the experts' counts are read, which costs nothing
// there. Elsewhere a count would make the host wait: the rows are laid into a fixed number of tiles
// of one expert each, at most an eighth more rows than there are, and every shape is known
// beforehand. Engine thread; gradients flow where grad mode is on. Letters: M rows, D width.
#pragma once

#include "engine/models/dit_block.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

namespace depthscope::models {

struct ExpertGroups {
    at::Tensor order; ///< [M'] int64: the row at each place, expert by expert; in tiles M' > M
    at::Tensor place; ///< [M] int64: the place of each row
    std::array<std::int64_t, spec::kPatterns> counts{}; ///< rows of each expert; on the CPU
    at::Tensor tileExperts;                             ///< [tiles] int64; undefined on the CPU
};

/// experts [M] int64, 0..3.
[[nodiscard]] ExpertGroups groupRows(const at::Tensor& experts);
/// The same in tiles, wherever the tensors are.
[[nodiscard]] ExpertGroups groupIntoTiles(const at::Tensor& experts);

/// down_e(gelu_tanh(up_e(x))) with e the expert of the row. x [M, D] -> [M, D].
[[nodiscard]] at::Tensor
groupedFeedForward(const std::array<FeedForwardWeights, spec::kPatterns>& experts,
                   const ExpertGroups& groups,
                   const at::Tensor& x);

} // namespace depthscope::models
