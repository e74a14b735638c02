// SPDX-License-Identifier: MIT
// From a frame's native planes to RGB, 8 bits a channel, by swscale with the matrix and range that
// the frame names. One owner, one thread; swscale starts its own.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/frame.h"

#include <memory>

namespace depthscope::media {

using RgbImage = RgbPicture;

/// Keeps what swscale prepared for the last kind of frame. A matrix that the file does not name is
/// BT.601 up to 576 lines and BT.709 above, a range that it does not name the limited one. Both
/// ways throw Error{BadInput} for a pixel format that swscale cannot read.
class RgbConverter {
public:
    RgbConverter();
    ~RgbConverter();
    RgbConverter(RgbConverter&&) noexcept;
    RgbConverter& operator=(RgbConverter&&) noexcept;

    /// The same bytes on every processor and with any number of threads.
    [[nodiscard]] RgbImage convert(const trace::Frame& frame);

    /// For a picture that is gone in a moment: chroma is not interpolated where the size stays, and
    /// it is no larger than `room` in either direction, if that is not 0.
    [[nodiscard]] RgbImage convertQuickly(const trace::Frame& frame, PictureSize room);

private:
    struct Scaler;
    std::unique_ptr<Scaler> m_exact;
    std::unique_ptr<Scaler> m_quick;
};

} // namespace depthscope::media
