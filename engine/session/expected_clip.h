// SPDX-License-Identifier: MIT
// The pictures of a denoising run after each of its steps: the frames that were given, converted
// once, and what is expected to follow them. Engine thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/content.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::session {

class ExpectedClip {
public:
    /// `known`: [3, T, X, Y] of -1..1 on the CPU, whose first `given` frames were given; undefined:
    /// nothing is known of the clip.
    ExpectedClip(at::Tensor known, std::int64_t given);

    /// `made`: the frames that follow, [3, T', X, Y] on any device. With their PSNR, and that of
    /// the last given frame, where the truth is known.
    [[nodiscard]] trace::ClipContent content(const at::Tensor& made) const;

private:
    at::Tensor m_truth; ///< [3, T'', X, Y] of what follows; undefined: not known
    std::vector<RgbPicturePtr> m_given;
    double m_psnrCopyLast;
};

} // namespace depthscope::session
