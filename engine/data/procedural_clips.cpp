// SPDX-License-Identifier: MIT
#include "engine/data/procedural_clips.h"

#include "engine/data/clip_scene.h"

#include <algorithm>
#include <bit>

namespace depthscope::data {

namespace {

constexpr std::int64_t kSamples = 8; ///< per pixel and axis; one bit each in a pixel's 64
constexpr std::int64_t kSampleStep = kUnitsPerPixel / kSamples;

/// Draws the frames of a scene, the foremost object first: a sample belongs to the first that
/// covers it.
class ScenePainter {
public:
    ScenePainter(const ClipScene& scene, const spec::ClipSize& size)
        : m_scene(scene)
        , m_size(size)
        , m_taken(static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width))
        , m_sum(3 * m_taken.size()) {}

    /// Ground and bar of frame t into `rgb`, [H, W, 3].
    void paintGround(std::int32_t t, std::uint8_t* rgb) const;

    /// Objects of frame t over it; `cover` is [H, W]. Adds the visible share to the tracks.
    void paintObjects(std::int32_t t, Clip& clip);

private:
    [[nodiscard]] Rgb groundAt(std::int32_t t, std::int32_t x, std::int32_t y) const;
    [[nodiscard]] std::int64_t paint(const SceneObject& object, const UnitPoint& centre);
    [[nodiscard]] static std::uint64_t
    samples(const Sprite& sprite, std::int64_t x, std::int64_t y);
    void takeBar();

    const ClipScene& m_scene;
    const spec::ClipSize& m_size;
    std::vector<std::uint64_t> m_taken; ///< [H, W] samples of objects and of the bar
    std::vector<std::uint16_t> m_sum;   ///< [H, W, 3] colour times samples
};

Rgb ScenePainter::groundAt(std::int32_t t, std::int32_t x, std::int32_t y) const {
    if (m_scene.bar && x >= m_scene.bar->begin && x < m_scene.bar->end) {
        return m_scene.bar->colour;
    }
    if (!m_scene.texture) {
        return m_scene.groundDark;
    }
    const std::int32_t light =
        m_scene.texture->at(x * kUnitsPerPixel + kUnitsPerPixel / 2 - t * m_scene.drift.x,
                            y * kUnitsPerPixel + kUnitsPerPixel / 2 - t * m_scene.drift.y);
    Rgb colour{};
    for (std::size_t c = 0; c < colour.size(); ++c) {
        const std::int32_t dark = m_scene.groundDark[c];
        colour[c] = static_cast<std::uint8_t>(dark + (m_scene.groundLight[c] - dark) * light / 255);
    }
    return colour;
}

void ScenePainter::paintGround(std::int32_t t, std::uint8_t* rgb) const {
    for (std::int32_t y = 0; y < m_size.height; ++y) {
        for (std::int32_t x = 0; x < m_size.width; ++x) {
            rgb = std::ranges::copy(groundAt(t, x, y), rgb).out;
        }
    }
}

void ScenePainter::takeBar() {
    for (std::int32_t y = 0; m_scene.bar && y < m_size.height; ++y) {
        for (std::int32_t x = m_scene.bar->begin; x < m_scene.bar->end; ++x) {
            m_taken[static_cast<std::size_t>(y * m_size.width + x)] = ~std::uint64_t{0};
        }
    }
}

/// Which samples of a pixel the sprite covers; (x, y) is the pixel's corner from the centroid.
std::uint64_t ScenePainter::samples(const Sprite& sprite, std::int64_t x, std::int64_t y) {
    std::uint64_t bits = 0;
    for (std::int64_t sample = 0; sample < kSamples * kSamples; ++sample) {
        const bool isIn = sprite.covers(x + sample % kSamples * kSampleStep + kSampleStep / 2,
                                        y + sample / kSamples * kSampleStep + kSampleStep / 2);
        bits |= std::uint64_t{isIn} << static_cast<unsigned>(sample);
    }
    return bits;
}

/// The object's samples that are seen.
std::int64_t ScenePainter::paint(const SceneObject& object, const UnitPoint& centre) {
    const Reach& reach = object.sprite.reach();
    const auto pixel = [](std::int64_t units, std::int32_t limit) {
        return std::clamp<std::int64_t>(units / kUnitsPerPixel, 0, limit);
    };
    const std::int64_t right = pixel(centre.x + reach.right + kUnitsPerPixel - 1, m_size.width);
    const std::int64_t bottom = pixel(centre.y + reach.down + kUnitsPerPixel - 1, m_size.height);
    std::int64_t seen = 0;
    for (std::int64_t y = pixel(centre.y - reach.up, m_size.height); y < bottom; ++y) {
        for (std::int64_t x = pixel(centre.x - reach.left, m_size.width); x < right; ++x) {
            const auto place = static_cast<std::size_t>(y * m_size.width + x);
            const std::uint64_t bits = samples(object.sprite, x * kUnitsPerPixel - centre.x,
                                               y * kUnitsPerPixel - centre.y) &
                                       ~m_taken[place];
            m_taken[place] |= bits;
            const int count = std::popcount(bits);
            seen += count;
            for (std::size_t c = 0; c < 3; ++c) {
                m_sum[3 * place + c] =
                    static_cast<std::uint16_t>(m_sum[3 * place + c] + count * object.colour[c]);
            }
        }
    }
    return seen;
}

void ScenePainter::paintObjects(std::int32_t t, Clip& clip) {
    std::ranges::fill(m_taken, 0);
    std::ranges::fill(m_sum, 0);
    takeBar();
    for (std::size_t n = 0; n < m_scene.objects.size(); ++n) {
        const SceneObject& object = m_scene.objects[n];
        const std::int64_t seen = paint(object, object.path[static_cast<std::size_t>(t)].centroid);
        const double share = static_cast<double>(seen) /
                             (static_cast<double>(kSamples * kSamples) * object.sprite.area());
        clip.objects[n].points[static_cast<std::size_t>(t)].visible = std::min(share, 1.0);
    }
    const std::size_t first = static_cast<std::size_t>(t) * m_taken.size();
    for (std::size_t place = 0; place < m_taken.size(); ++place) {
        const auto x = static_cast<std::int32_t>(place % static_cast<std::size_t>(m_size.width));
        const bool isBar = m_scene.bar && x >= m_scene.bar->begin && x < m_scene.bar->end;
        const int count = isBar ? 0 : std::popcount(m_taken[place]);
        clip.cover[first + place] = static_cast<std::uint8_t>(count);
        for (std::size_t c = 0; c < 3; ++c) {
            std::uint8_t& value = clip.rgb[3 * (first + place) + c];
            value = static_cast<std::uint8_t>(
                (m_sum[3 * place + c] + (kFullCover - count) * value + kFullCover / 2) /
                kFullCover);
        }
    }
}

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
    for (std::int32_t t = 0; t < m_size.frames; ++t) {
        painter.paintGround(t, clip.rgb.data() + 3 * frame * static_cast<std::size_t>(t));
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
        painter.paintGround(t, rgb.data() + frame * static_cast<std::size_t>(t));
    }
    return rgb;
}

} // namespace depthscope::data
