// SPDX-License-Identifier: MIT
// What a clip says of itself before a frame of it is decoded. A value; any thread.
#pragma once

#include "engine/trace/frame.h"

#include <cstdint>
#include <string>

namespace depthscope::media {

struct ClipFacts {
    std::string container; ///< FFmpeg's name of the format; "images" for a folder or pattern
    std::string codec;     ///< "h264"
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::string pixelFormat;
    std::int32_t rotation = 0;       ///< degrees clockwise that a viewer turns it by: 0 to 359
    trace::Ratio sampleAspect{1, 1}; ///< width to height of a pixel; 1:1 where it is not known
    trace::Colour colour;
    trace::Ratio timeBase{1, 25};
    trace::Ratio frameRate{25, 1}; ///< as the file claims, or FFmpeg guesses

    [[nodiscard]] bool operator==(const ClipFacts&) const = default;
};

} // namespace depthscope::media
