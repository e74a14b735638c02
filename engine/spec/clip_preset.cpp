// SPDX-License-Identifier: MIT
#include "engine/spec/clip_preset.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>
#include <array>

namespace depthscope::spec {

namespace {

constexpr ClipRange kSlow{6, 20};
constexpr ClipRange kFast{90, 180};
constexpr ClipRange kStill{0, 0};

constexpr std::array<ClipPreset, 16> kPresets{{
    {.name = "moving-shapes",
     .help = "Three shapes move straight before a plain ground and bounce off the edges."},
    {.name = "one-shape", .help = "One shape moves and bounces.", .objects = 1},
    {.name = "many-shapes",
     .help = "Six small shapes move, bounce and often cover each other.",
     .objects = 6,
     .radius = {80, 120}},
    {.name = "slow-shapes", .help = "Three shapes move by less than a patch.", .speed = kSlow},
    {.name = "fast-shapes",
     .help = "Three shapes cross the frame within a few frames and bounce often.",
     .speed = kFast},
    {.name = "large-shapes",
     .help = "Two shapes large enough that whole patches lie inside them move slowly.",
     .objects = 2,
     .radius = {300, 340},
     .speed = kSlow},
    {.name = "still-shapes",
     .help = "Three shapes stand still: the last frame is the prediction.",
     .speed = kStill},
    {.name = "glyphs",
     .help = "Two digits move and bounce.",
     .object = ClipObject::Glyph,
     .objects = 2,
     .radius = {190, 260}},
    {.name = "large-glyph",
     .help = "One digit of half the frame's height or more moves and bounces.",
     .object = ClipObject::Glyph,
     .objects = 1,
     .radius = {300, 360}},
    {.name = "occlusion",
     .help = "Two shapes pass behind a bar that stands still.",
     .objects = 2,
     .speed = {40, 90},
     .bar = 190},
    {.name = "crossing",
     .help = "Two shapes meet in the middle of the clip, one before the other.",
     .objects = 2,
     .speed = {30, 70},
     .crosses = true},
    {.name = "textured-ground",
     .help = "Three shapes move before a texture that stands still.",
     .ground = ClipGround::Textured},
    {.name = "texture-motion",
     .help = "The texture of the ground moves under two shapes that move on their own.",
     .objects = 2,
     .ground = ClipGround::Textured,
     .drift = 50},
    {.name = "camera-pan",
     .help = "The camera pans: textured ground and shapes move together and leave the frame.",
     .ground = ClipGround::Textured,
     .drift = 50,
     .followsGround = true},
    {.name = "falling",
     .help = "Two shapes fall ever faster and bounce off the edges.",
     .objects = 2,
     .speed = {10, 40},
     .gravity = 12},
    {.name = "sensor-noise",
     .help = "Three shapes move and bounce under noise that no model can predict.",
     .noise = 24},
}};

} // namespace

void checkClipSize(const ClipSize& size, std::string_view subject) {
    const auto isSide = [](std::int32_t side) {
        return side >= kLeastClipSide && side <= kGreatestClipSide;
    };
    if (!isSide(size.height) || !isSide(size.width)) {
        throw Error(ErrorCode::Usage,
                    fmt::format("{}: height and width must be {} to {} pixels, not {} x {}",
                                subject, kLeastClipSide, kGreatestClipSide, size.width,
                                size.height));
    }
    if (size.frames < 1 || size.frames > kMostClipFrames) {
        throw Error(ErrorCode::Usage, fmt::format("{}: frames must be 1 to {}, not {}", subject,
                                                  kMostClipFrames, size.frames));
    }
}

std::span<const ClipPreset> clipPresets() {
    return kPresets;
}

const ClipPreset& findClipPreset(std::string_view name) {
    const auto* const found = std::find_if(kPresets.begin(), kPresets.end(),
                                           [&](const ClipPreset& p) { return p.name == name; });
    if (found == kPresets.end()) {
        throw Error(ErrorCode::Usage,
                    fmt::format("clips: unknown preset \"{}\", valid: {}", name,
                                listOf(kPresets, [](const ClipPreset& p) { return p.name; })));
    }
    return *found;
}

} // namespace depthscope::spec
