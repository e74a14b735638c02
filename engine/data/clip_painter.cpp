// SPDX-License-Identifier: MIT
#include "engine/data/clip_painter.h"

#include <algorithm>
#include <bit>

namespace depthscope::data {

namespace {

// A pixel is 64 samples, one bit each: 32 lines of 2, and each line begins elsewhere, so that an
// upright edge meets 64 different places of a pixel and a level one 32.
constexpr std::int64_t kLines = 32;
constexpr std::int64_t kColumns = 2;
constexpr std::int64_t kLineStep = kUnitsPerPixel / kLines;
constexpr std::int64_t kColumnStep = kUnitsPerPixel / kColumns;

/// How far right of a pixel's edge, in units, the first sample of line 0..31 lies: 2, 66, 34, 98
/// .., the line's number with its bits reversed, times 4.
constexpr std::int64_t firstSample(std::int64_t line) {
    std::int64_t reversed = 0;
    for (std::int64_t bit = 1; bit < kLines; bit *= 2) {
        reversed = 2 * reversed + (line / bit) % 2;
    }
    return reversed * (kColumnStep / kLines) + kColumnStep / kLines / 2;
}

} // namespace

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

void ScenePainter::paintGround(std::int32_t t, std::span<std::uint8_t> rgb) const {
    auto at = rgb.begin();
    for (std::int32_t y = 0; y < m_size.height; ++y) {
        for (std::int32_t x = 0; x < m_size.width; ++x) {
            at = std::ranges::copy(groundAt(t, x, y), at).out;
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

/// The samples of one pixel that lie in columns [begin, end) of the whole line's samples.
std::uint64_t ScenePainter::samples(std::int64_t begin, std::int64_t end, std::int64_t pixel) {
    const auto low = static_cast<unsigned>(std::max<std::int64_t>(begin - pixel * kColumns, 0));
    const auto high = static_cast<unsigned>(std::min(end - pixel * kColumns, kColumns));
    return (1U << high) - (1U << low);
}

std::int64_t
ScenePainter::mark(const SceneObject& object, const UnitPoint& centre, std::int64_t line) {
    const std::int64_t inPixel = line - floorOf(line, kLines) * kLines;
    const std::int64_t left = firstSample(inPixel);
    std::int64_t count = 0;
    for (const Stretch& stretch : object.sprite.line(line * kLineStep + kLineStep / 2 - centre.y)) {
        const auto sampleFrom = [&](std::int64_t x) { // the first that is not left of x
            return floorOf(x + centre.x - left + kColumnStep - 1, kColumnStep);
        };
        const std::int64_t first = sampleFrom(stretch.begin);
        const std::int64_t last = sampleFrom(stretch.end);
        count += last - first;
        if (line < 0 || line >= m_size.height * kLines) {
            continue;
        }
        const std::int64_t begin = std::max<std::int64_t>(first, 0);
        const std::int64_t end = std::min(last, m_size.width * kColumns);
        for (std::int64_t x = begin / kColumns; x * kColumns < end; ++x) {
            m_marked[static_cast<std::size_t>(line / kLines * m_size.width + x)] |=
                samples(begin, end, x) << static_cast<unsigned>(inPixel * kColumns);
        }
    }
    return count;
}

double ScenePainter::paint(const SceneObject& object, const UnitPoint& centre) {
    const Reach& reach = object.sprite.reach();
    const std::int64_t above = floorOf(centre.y - reach.up, kLineStep);
    const std::int64_t below = floorOf(centre.y + reach.down, kLineStep) + 1;
    std::int64_t whole = 0;
    for (std::int64_t line = above; line < below; ++line) {
        whole += mark(object, centre, line);
    }
    const std::int64_t top = std::clamp<std::int64_t>(above, 0, m_size.height * kLines);
    const std::int64_t bottom =
        std::clamp<std::int64_t>(below + kLines - 1, 0, m_size.height * kLines);
    std::int64_t seen = 0;
    for (std::int64_t at = top / kLines * m_size.width; at < bottom / kLines * m_size.width; ++at) {
        const auto place = static_cast<std::size_t>(at);
        const std::uint64_t bits = m_marked[place] & ~m_taken[place];
        m_marked[place] = 0;
        m_taken[place] |= bits;
        const int count = std::popcount(bits);
        seen += count;
        for (std::size_t c = 0; count > 0 && c < 3; ++c) {
            m_sum[3 * place + c] =
                static_cast<std::uint16_t>(m_sum[3 * place + c] + count * object.colour[c]);
        }
    }
    return static_cast<double>(seen) / static_cast<double>(std::max<std::int64_t>(whole, 1));
}

void ScenePainter::paintObjects(std::int32_t t, Clip& clip) {
    std::ranges::fill(m_taken, 0);
    std::ranges::fill(m_sum, 0);
    takeBar();
    for (std::size_t n = 0; n < m_scene.objects.size(); ++n) {
        const SceneObject& object = m_scene.objects[n];
        const auto now = static_cast<std::size_t>(t);
        clip.objects[n].points[now].visible = paint(object, object.path[now].centroid);
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

} // namespace depthscope::data
