// SPDX-License-Identifier: MIT
#include "engine/data/clip_scene.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <cstdlib>

namespace depthscope::data {

namespace {

/// Draws one scene. The order of its draws is part of what a seed means.
class SceneDrawer {
public:
    SceneDrawer(const spec::ClipPreset& preset, const spec::ClipSize& size, std::uint64_t seed)
        : m_preset(preset)
        , m_size(size)
        , m_side(std::int64_t{std::min(size.height, size.width)} * kUnitsPerPixel)
        , m_random(seed) {}

    ClipScene draw() {
        ClipScene scene;
        drawGround(scene);
        for (std::int32_t n = 0; n < m_preset.objects; ++n) {
            scene.objects.push_back(drawObject(scene));
        }
        scene.noise = SplitMix(m_random.next());
        return scene;
    }

private:
    /// Thousandths of the shorter side, in units.
    [[nodiscard]] std::int64_t units(std::int64_t thousandths) const {
        return thousandths * m_side / 1000;
    }

    /// Uniform between the two, to 1/65536 of their distance.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + (high - low) * m_random.below(1U << 16U) / (1 << 16U);
    }

    Rgb colour(std::uint32_t low, std::uint32_t high) {
        Rgb drawn{};
        for (std::uint8_t& channel : drawn) {
            channel = static_cast<std::uint8_t>(low + m_random.below(high - low + 1));
        }
        return drawn;
    }

    /// Of an object: bright, and told apart from those before it.
    Rgb brightColour(const ClipScene& scene);

    /// Every direction is equally likely.
    UnitPoint speed(const spec::ClipRange& range);

    void drawGround(ClipScene& scene);
    SceneObject drawObject(const ClipScene& scene);
    std::vector<Placed> path(const Sprite& sprite, const UnitPoint& drift);

    const spec::ClipPreset& m_preset;
    const spec::ClipSize& m_size;
    std::int64_t m_side;
    SplitMix m_random;
};

Rgb SceneDrawer::brightColour(const ClipScene& scene) {
    constexpr int kTries = 64;
    constexpr int kApart = 90;
    const auto isNear = [](const Rgb& one, const Rgb& other) {
        int greatest = 0;
        for (std::size_t c = 0; c < one.size(); ++c) {
            greatest = std::max(greatest, std::abs(int{one[c]} - int{other[c]}));
        }
        return greatest < kApart;
    };
    Rgb drawn{};
    for (int i = 0; i < kTries; ++i) {
        drawn = colour(40, 248);
        const bool isClear =
            *std::max_element(drawn.begin(), drawn.end()) >= 192 &&
            std::none_of(scene.objects.begin(), scene.objects.end(),
                         [&](const SceneObject& object) { return isNear(object.colour, drawn); });
        if (isClear) {
            break;
        }
    }
    return drawn;
}

UnitPoint SceneDrawer::speed(const spec::ClipRange& range) {
    const std::int64_t high = units(range.high);
    const std::int64_t low = units(range.low);
    if (high == 0) {
        return {};
    }
    constexpr std::int64_t kScale = 1024;
    const std::int64_t least = low * kScale / high;
    while (true) {
        const auto side = static_cast<std::uint32_t>(2 * kScale + 1);
        const std::int64_t x = std::int64_t{m_random.below(side)} - kScale;
        const std::int64_t y = std::int64_t{m_random.below(side)} - kScale;
        const std::int64_t square = x * x + y * y;
        if (square <= kScale * kScale && square >= least * least) {
            return {x * high / kScale, y * high / kScale};
        }
    }
}

void SceneDrawer::drawGround(ClipScene& scene) {
    scene.groundDark = colour(70, 120);
    scene.groundLight = scene.groundDark;
    if (m_preset.ground == spec::ClipGround::Textured) {
        for (std::size_t c = 0; c < 3; ++c) {
            scene.groundDark[c] = static_cast<std::uint8_t>(scene.groundDark[c] - 50);
            scene.groundLight[c] = static_cast<std::uint8_t>(scene.groundLight[c] + 50);
        }
        scene.texture.emplace(m_random, std::max<std::int64_t>(units(220), 2));
    }
    scene.drift = speed({m_preset.drift / 2, m_preset.drift});
    if (m_preset.bar > 0) {
        SceneBar bar;
        const auto width = static_cast<std::int32_t>(units(m_preset.bar) / kUnitsPerPixel);
        bar.begin = static_cast<std::int32_t>(
            between(m_size.width / 4, m_size.width - m_size.width / 4 - width));
        bar.end = bar.begin + width;
        bar.colour = colour(90, 160);
        scene.bar = bar;
    }
}

SceneObject SceneDrawer::drawObject(const ClipScene& scene) {
    const std::int64_t radius = between(units(m_preset.radius.low), units(m_preset.radius.high));
    SceneObject object{.sprite = Sprite::shape(ObjectKind::Disc, radius), .path = {}};
    if (m_preset.object == spec::ClipObject::Glyph) {
        object.kind = ObjectKind::Glyph;
        object.glyph = static_cast<std::int32_t>(m_random.below(10));
        object.sprite = Sprite::glyph(object.glyph, radius);
    } else {
        object.kind = static_cast<ObjectKind>(m_random.below(3));
        object.sprite = Sprite::shape(object.kind, radius);
    }
    object.colour = brightColour(scene);
    object.path = path(object.sprite, scene.drift);
    return object;
}

/// Where the centroid may be along one axis, and how it goes on.
struct Axis {
    std::int64_t low = 0;
    std::int64_t high = 0;

    /// Reflects at both ends until the position lies between them.
    void fold(std::int64_t& position, std::int64_t& speed, std::int32_t& bounces) const {
        while (position < low || position > high) {
            position = position < low ? 2 * low - position : 2 * high - position;
            speed = -speed;
            ++bounces;
        }
    }
};

std::vector<Placed> SceneDrawer::path(const Sprite& sprite, const UnitPoint& drift) {
    const Reach& reach = sprite.reach();
    const Axis across{reach.left, m_size.width * kUnitsPerPixel - reach.right};
    const Axis down{reach.up, m_size.height * kUnitsPerPixel - reach.down};
    Placed now;
    now.centroid = {between(across.low, across.high), between(down.low, down.high)};
    now.speed = speed(m_preset.speed);
    const std::int64_t half = (m_size.frames - 1) / 2;
    if (m_preset.followsGround) {
        now.speed = drift; // in the middle of the clip all of it is in the frame
        now.centroid.x -= half * drift.x;
        now.centroid.y -= half * drift.y;
    } else if (m_preset.crosses) {
        now.centroid = {m_size.width * kUnitsPerPixel / 2 - half * now.speed.x,
                        m_size.height * kUnitsPerPixel / 2 - half * now.speed.y};
        std::int32_t ignored = 0;
        across.fold(now.centroid.x, now.speed.x, ignored);
        down.fold(now.centroid.y, now.speed.y, ignored);
    }
    std::vector<Placed> path;
    for (std::int32_t t = 0; t < m_size.frames; ++t) {
        path.push_back(now);
        now.speed.y += units(m_preset.gravity);
        now.centroid.x += now.speed.x;
        now.centroid.y += now.speed.y;
        if (!m_preset.followsGround) {
            across.fold(now.centroid.x, now.speed.x, now.bounces);
            down.fold(now.centroid.y, now.speed.y, now.bounces);
        }
    }
    return path;
}

} // namespace

ClipScene drawScene(const spec::ClipPreset& preset,
                    const spec::ClipSize& size,
                    std::uint64_t seed,
                    std::uint64_t index) {
    Fnv hash;
    hash.add(preset.name);
    hash.add(seed);
    hash.add(index);
    return SceneDrawer(preset, size, hash.value()).draw();
}

} // namespace depthscope::data
