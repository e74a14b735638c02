// SPDX-License-Identifier: MIT
// Named kinds of procedural clips (docs/video_models.md, "Procedural clips"): what moves, how large
// it is and how fast, before what ground. Values; any thread.
//
// Lengths are given in thousandths of the frame's shorter side, so that a clip of any size shows
// the same scene; speeds in thousandths of it per frame.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace depthscope::spec {

/// Frames, rows and columns of a clip.
struct ClipSize {
    std::int32_t frames = 8;
    std::int32_t height = 16;
    std::int32_t width = 16;

    [[nodiscard]] bool operator==(const ClipSize&) const = default;
};

inline constexpr std::int32_t kLeastClipSide = 8;
inline constexpr std::int32_t kGreatestClipSide = 256;
inline constexpr std::int32_t kMostClipFrames = 256;

/// Throws Error{Usage} that names `subject` and the bounds: sides 8 to 256, frames 1 to 256.
void checkClipSize(const ClipSize& size, std::string_view subject);

enum class ClipObject : std::uint8_t {
    Shape, ///< a disc, a square or a triangle
    Glyph, ///< a digit of 5 x 7 cells
};

enum class ClipGround : std::uint8_t { Plain, Textured };

/// Drawn uniformly from low to high, in thousandths.
struct ClipRange {
    std::int32_t low = 0;
    std::int32_t high = 0;
};

struct ClipPreset {
    std::string_view name;
    const char* help; ///< one sentence; a message id
    ClipObject object = ClipObject::Shape;
    std::int32_t objects = 3;
    ClipRange radius{125, 185};
    ClipRange speed{25, 75};
    ClipGround ground = ClipGround::Plain;
    std::int32_t drift = 0;     ///< speed of the ground's texture
    bool followsGround = false; ///< objects stand on the ground, and may leave the frame with it
    bool crosses = false;       ///< all objects meet in the middle of the clip
    std::int32_t bar = 0;       ///< width of an upright bar that stands before the objects
    std::int32_t gravity = 0;   ///< added to the downward speed in each frame
    std::int32_t noise = 0;     ///< each value of each frame is off by at most this, of 255
};

/// The first is the default.
[[nodiscard]] std::span<const ClipPreset> clipPresets();

/// Throws Error{Usage} that lists the names.
[[nodiscard]] const ClipPreset& findClipPreset(std::string_view name);

} // namespace depthscope::spec
