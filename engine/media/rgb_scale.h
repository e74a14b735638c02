// SPDX-License-Identifier: MIT
// A picture cut to the shape of another size, about its middle, and scaled to it. Any thread.
#pragma once

#include "engine/media/rgb.h"
#include "engine/trace/frame.h"

#include <cstdint>

namespace depthscope::media {

struct ScaledSize {
    std::int32_t width = 0;
    std::int32_t height = 0;
    trace::Ratio sampleAspect{1, 1}; ///< of the source: width to height of a pixel
};

/// By swscale's area filter (each new pixel is the mean of what it covers), bit-exact.
[[nodiscard]] RgbImage cutAndScaled(const RgbImage& image, const ScaledSize& size);

/// Turned clockwise by this many quarters.
[[nodiscard]] RgbImage turned(const RgbImage& image, int quarters);

} // namespace depthscope::media
