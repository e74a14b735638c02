// SPDX-License-Identifier: MIT
#include "engine/data/procedural_clips.h"

#include "engine/data/clip_painter.h"
#include "engine/data/clip_scene.h"

#include <algorithm>
#include <span>

namespace depthscope::data {

namespace {

Track trackOf(const SceneObject& object) {
    constexpr double kPixel = 1.0 / static_cast<double>(kUnitsPerPixel);
    Track track{object.kind, object.glyph, object.colour, object.sprite.area(), {}};
    for (const Placed& placed : object.path) {
        track.points.push_back({static_cast<double>(placed.centroid.x) * kPixel,
                                static_cast<double>(placed.centroid.y) * kPixel,
                                static_cast<double>(placed.speed.x) * kPixel,
                                static_cast<double>(placed.speed.y) * kPixel, placed.bounces, 1});
    }
    return track;
}

void addNoise(std::vector<std::uint8_t>& values, std::int32_t most, SplitMix random) {
    for (std::uint8_t& value : values) {
        const auto off =
            static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(2 * most + 1)));
        value = static_cast<std::uint8_t>(std::clamp(value + off - most, 0, 255));
    }
}

} // namespace

ProceduralClips::ProceduralClips(const spec::ClipPreset& preset,
                                 spec::ClipSize size,
                                 std::uint64_t seed)
    : m_preset(preset)
    , m_size(size)
    , m_seed(seed) {
    spec::checkClipSize(size, preset.name);
}

Clip ProceduralClips::clip(std::uint64_t index) const {
    const ClipScene scene = drawScene(m_preset, m_size, m_seed, index);
    Clip clip;
    clip.size = m_size;
    const std::size_t frame = clip.framePixels();
    clip.rgb.resize(3 * frame * static_cast<std::size_t>(m_size.frames));
    clip.cover.resize(frame * static_cast<std::size_t>(m_size.frames));
    for (const SceneObject& object : scene.objects) {
        clip.objects.push_back(trackOf(object));
    }
    ScenePainter painter(scene, m_size);
    const std::span<std::uint8_t> rgb = clip.rgb;
    for (std::int32_t t = 0; t < m_size.frames; ++t) {
        painter.paintGround(t, rgb.subspan(3 * frame * static_cast<std::size_t>(t), 3 * frame));
        painter.paintObjects(t, clip);
    }
    if (m_preset.noise > 0) {
        addNoise(clip.rgb, m_preset.noise, scene.noise);
    }
    return clip;
}

std::vector<std::uint8_t> ProceduralClips::ground(std::uint64_t index) const {
    const ClipScene scene = drawScene(m_preset, m_size, m_seed, index);
    const std::size_t frame =
        3 * static_cast<std::size_t>(m_size.height) * static_cast<std::size_t>(m_size.width);
    std::vector<std::uint8_t> rgb(frame * static_cast<std::size_t>(m_size.frames));
    const ScenePainter painter(scene, m_size);
    for (std::int32_t t = 0; t < m_size.frames; ++t) {
        painter.paintGround(t, std::span(rgb).subspan(frame * static_cast<std::size_t>(t), frame));
    }
    return rgb;
}

} // namespace depthscope::data
