// SPDX-License-Identifier: MIT
// From a frame's native planes to RGB, 8 bits a channel, once, by swscale with the matrix and range
// that the frame names. One owner, one thread.
#pragma once

#include "engine/trace/frame.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace depthscope::media {

/// Rows of 3 x width bytes (red, green, blue), the topmost first, without padding.
struct RgbImage {
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::vector<std::uint8_t> bytes;
};

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
