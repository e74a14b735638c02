// SPDX-License-Identifier: MIT
// From a frame's native planes to RGB, 8 bits a channel, once, by swscale with the matrix and range
// that the frame names. One owner, one thread.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/frame.h"

#include <memory>

namespace depthscope::media {

using RgbImage = RgbPicture;

/// Keeps what swscale prepared for the last kind of frame. A matrix that the file does not name is
/// BT.601 up to 576 lines and BT.709 above, a range that it does not name the limited one.
class RgbConverter {
public:
    RgbConverter();
    ~RgbConverter();
    RgbConverter(const RgbConverter&) = delete;
    RgbConverter& operator=(const RgbConverter&) = delete;

    /// Throws Error{BadInput} for a pixel format that swscale cannot read.
    [[nodiscard]] RgbImage convert(const trace::Frame& frame);

private:
    struct Scaler;
    std::unique_ptr<Scaler> m_scaler;
};

} // namespace depthscope::media
