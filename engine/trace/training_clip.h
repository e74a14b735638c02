// SPDX-License-Identifier: MIT
// What a video model in training makes of a held-out clip: a prediction or a reconstruction. An
// immutable value that the engine makes; any thread.
#pragma once

#include "engine/base/rgb_picture.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace depthscope::trace {

struct TrainingClip {
    std::int64_t step = 0;            ///< of the evaluation
    std::vector<RgbPicturePtr> made;  ///< a prediction's given frames before
    std::vector<RgbPicturePtr> truth; ///< as many, as large
    std::int32_t contextFrames = 0;   ///< the first ones, which were given; 0: reconstructed
    double psnr = 0;                  ///< of the frames that were not given, dB
    double psnrControl = 0; ///< of the last given frame repeated, or bicubic interpolation
};

using TrainingClipPtr = std::shared_ptr<const TrainingClip>;

} // namespace depthscope::trace
