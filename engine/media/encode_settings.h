// SPDX-License-Identifier: MIT
// How a clip is encoded, and what became of it. Values; any thread.
#pragma once

#include "engine/trace/frame.h"

#include <cstdint>
#include <optional>
#include <string>

namespace depthscope::media {

/// What becomes of pixels where the size changes.
enum class ScaleRule : std::uint8_t {
    Usual,   ///< Nearest where a whole factor enlarges, else Smooth
    Nearest, ///< repeated or left out: every pixel keeps its colour
    Smooth,  ///< interpolated
};

struct EncodeSettings {
    std::string format;       ///< name of an EncodingFormat; empty: by the file's name
    trace::Ratio rate{25, 1}; ///< frames per second
    bool keepsTimes = false;  ///< frames stand where their own times say; `rate` is a hint
    std::optional<std::int32_t> quality; ///< on the format's scale; nothing: its usual one
    trace::Ratio scale{0, 1};            ///< of both sides; 0: as enlargement() says
    ScaleRule rule = ScaleRule::Usual;
    bool fullChroma = false;         ///< 4:4:4 where the format can choose; fewer players read it
    std::int32_t turn = 0;           ///< degrees clockwise: 0, 90, 180, 270
    trace::Ratio sampleAspect{1, 1}; ///< width to height of a pixel, before turning
    std::string title;
    std::string comment; ///< how the clip was made, as JSON; goes into the container
    std::int32_t threads = 0;
};

/// What stands in the file, or in the folder.
struct EncodedClip {
    std::string format;  ///< "h264"
    std::string encoder; ///< "libx264"
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::string pixelFormat;
    trace::Ratio scale{1, 1}; ///< that was used
    bool padded = false;      ///< the last column or row stands twice, as sizes must be even
    std::int64_t frames = 0;
    std::int64_t bytes = 0;
};

/// Nearest-neighbour enlargement of a shared format: the smallest even factor with which the
/// shorter side has 256 pixels, 1 where it has them. Chroma of half the resolution then never
/// straddles two pixels of the clip, and players do not blur a clip of 32 pixels.
[[nodiscard]] std::int32_t enlargement(std::int32_t width, std::int32_t height);

} // namespace depthscope::media
