// SPDX-License-Identifier: MIT
// One picture of a clip as its decoder left it: planes in the native pixel format, and where it
// stands in time. A value whose bytes are shared and never change; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::trace {

struct Ratio {
    std::int32_t over = 0;
    std::int32_t under = 1;

    [[nodiscard]] bool operator==(const Ratio&) const = default;
};

/// Names as FFmpeg spells them ("bt709", "smpte170m"); empty where the file does not say.
struct Colour {
    std::string matrix;
    std::string primaries;
    std::string transfer;
    std::string range; ///< "tv" (16 to 235) or "pc" (0 to 255)

    [[nodiscard]] bool operator==(const Colour&) const = default;
};

struct FramePlane {
    const std::uint8_t* data = nullptr; ///< the topmost row; owned by Frame::bytes
    std::ptrdiff_t stride = 0;          ///< to the row below; negative where rows lie upside down
    std::size_t rowBytes = 0;           ///< of a row without its padding
    std::size_t rows = 0;
};

struct Frame {
    std::int64_t number = 0; ///< presented frames count from 0
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::string pixelFormat;        ///< "yuv420p", as FFmpeg spells it
    std::vector<FramePlane> planes; ///< 1 to 4; of "pal8" the second is the palette
    Colour colour;
    std::int64_t pts = 0; ///< in units of the time base
    Ratio timeBase{1, 1}; ///< seconds
    double seconds = 0;
    bool key = false;
    bool damaged = false; ///< the decoder had to conceal something, or lacked a reference

    std::shared_ptr<const void> bytes;
    std::size_t byteCount = 0; ///< of memory that `bytes` keeps
};

} // namespace depthscope::trace
