// SPDX-License-Identifier: MIT
#include "engine/models/patchify.h"

#include <ATen/ATen.h>

namespace depthscope::models {

at::Tensor patchify(const at::Tensor& clips, const spec::Extent3& patch) {
    const std::int64_t B = clips.size(0), C = clips.size(1);
    const spec::Extent3 grid{clips.size(2) / patch.frames, clips.size(3) / patch.rows,
                             clips.size(4) / patch.columns};
    return clips
        .reshape(
            {B, C, grid.frames, patch.frames, grid.rows, patch.rows, grid.columns, patch.columns})
        .permute({0, 2, 4, 6, 3, 5, 7, 1})
        .reshape({B, grid.count(), patch.count() * C});
}

at::Tensor
unpatchify(const at::Tensor& tokens, const spec::Extent3& grid, const spec::Extent3& patch) {
    const std::int64_t B = tokens.size(0), C = tokens.size(2) / patch.count();
    return tokens
        .reshape(
            {B, grid.frames, grid.rows, grid.columns, patch.frames, patch.rows, patch.columns, C})
        .permute({0, 7, 1, 4, 2, 5, 3, 6})
        .reshape({B, C, grid.frames * patch.frames, grid.rows * patch.rows,
                  grid.columns * patch.columns});
}

} // namespace depthscope::models
