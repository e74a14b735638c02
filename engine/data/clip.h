// SPDX-License-Identifier: MIT
// A clip in memory: pixels, and, where it was generated, what is known of it. Shapes: T frames,
// H rows, W columns. A plain value; any thread.
#pragma once

#include "engine/spec/clip_preset.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace depthscope::data {

/// Red, green, blue.
using Rgb = std::array<std::uint8_t, 3>;

/// A pixel's cover is counted in samples: 64 is a pixel that objects fill.
inline constexpr std::uint8_t kFullCover = 64;

enum class ObjectKind : std::uint8_t { Disc, Square, Triangle, Glyph };

/// An object in one frame. Pixels: the left edge of the frame is x = 0, its upper edge y = 0; the
/// first pixel's centre is (0.5, 0.5).
struct TrackPoint {
    double x = 0; ///< centroid of the whole object, whether it is seen or not
    double y = 0;
    double speedX = 0; ///< pixels per frame, with which it goes on from here
    double speedY = 0;
    std::int32_t bounces = 0; ///< up to this frame
    double visible = 1;       ///< share of its area that is in the frame and not covered
};

/// An object through the clip.
struct Track {
    ObjectKind kind = ObjectKind::Disc;
    std::int32_t glyph = -1; ///< the digit, of glyphs
    Rgb colour{};
    double area = 0;                ///< pixels, when all of it is seen
    std::vector<TrackPoint> points; ///< [T]
};

struct Clip {
    spec::ClipSize size;
    std::vector<std::uint8_t> rgb;   ///< [T, H, W, 3]
    std::vector<std::uint8_t> cover; ///< [T, H, W] of objects, 0..kFullCover; empty: not known
    std::vector<Track> objects;      ///< the foremost first; empty: not known

    [[nodiscard]] std::size_t framePixels() const {
        return static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    }
};

} // namespace depthscope::data
