// SPDX-License-Identifier: MIT
// What a procedural clip shows, before it is drawn: colours, ground, objects and where each is in
// every frame. Drawn from random numbers in integers; 256 units are a pixel. A value; any thread.
#pragma once

#include "engine/base/random.h"
#include "engine/data/clip.h"
#include "engine/data/clip_sprite.h"
#include "engine/data/clip_texture.h"
#include "engine/spec/clip_preset.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace depthscope::data {

struct UnitPoint {
    std::int64_t x = 0;
    std::int64_t y = 0;
};

/// An object in one frame.
struct Placed {
    UnitPoint centroid;
    UnitPoint speed; ///< units per frame
    std::int32_t bounces = 0;
};

struct SceneObject {
    ObjectKind kind = ObjectKind::Disc;
    std::int32_t glyph = -1;
    Rgb colour{};
    Sprite sprite;
    std::vector<Placed> path; ///< [T]
};

/// Columns [begin, end) of an upright bar.
struct SceneBar {
    std::int32_t begin = 0;
    std::int32_t end = 0;
    Rgb colour{};
};

struct ClipScene {
    Rgb groundDark{}; ///< a plain ground has this colour
    Rgb groundLight{};
    std::optional<ClipTexture> texture; ///< between the two colours
    UnitPoint drift;                    ///< of the texture, units per frame
    std::optional<SceneBar> bar;
    std::vector<SceneObject> objects; ///< the foremost first
    SplitMix noise{0};                ///< of the pixels
};

[[nodiscard]] ClipScene drawScene(const spec::ClipPreset& preset,
                                  const spec::ClipSize& size,
                                  std::uint64_t seed,
                                  std::uint64_t index);

} // namespace depthscope::data
