// SPDX-License-Identifier: MIT
#include "widgets/instruments/depth_bitmap.h"

#include "engine/trace/statistics.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr int kMostColumns = 4096;

// A thousand steps are finer than eight bits a channel; the map itself is too slow for 50,000
// cells.
class Shades {
public:
    Shades(const trace::RunView& run, const scene::Theme& theme)
        : m_run(run)
        , m_range(trace::scoreRange(run))
        , m_absent(theme.absent)
        , m_unscored(scene::mix(theme.text, theme.surface, 0.45F)) {
        for (std::size_t i = 0; i < m_map.size(); ++i) {
            m_map[i] = scene::scoreColor(theme, static_cast<float>(i) /
                                                    static_cast<float>(m_map.size() - 1));
        }
    }

    [[nodiscard]] scene::Color at(std::size_t recursion, std::size_t token) const {
        const int depth = m_run.depth[token];
        const float score =
            recursion < m_run.scores.size() ? m_run.scores[recursion][token] : std::nanf("");
        if (depth > static_cast<int>(recursion)) {
            return std::isnan(score) ? m_unscored : m_map[step(double{score})];
        }
        const bool leaves = depth == static_cast<int>(recursion) && !std::isnan(score);
        return leaves ? m_absent : scene::Color{0, 0, 0, 0};
    }

private:
    [[nodiscard]] std::size_t step(double score) const {
        const double place = m_range.share(score) * static_cast<double>(m_map.size() - 1);
        return static_cast<std::size_t>(std::lround(place));
    }

    const trace::RunView& m_run;
    trace::ScoreRange m_range;
    scene::Color m_absent;
    scene::Color m_unscored;
    std::array<scene::Color, 1024> m_map;
};

// Straight alpha: colours weigh by how opaque they are.
scene::Color meanColor(const CellMap& map, std::size_t row, int begin, int end) {
    unsigned r = 0;
    unsigned g = 0;
    unsigned b = 0;
    unsigned a = 0;
    for (int t = begin; t < end; ++t) {
        const scene::Color color = map.colorAt(row, static_cast<std::size_t>(t));
        r += static_cast<unsigned>(color.r) * color.a;
        g += static_cast<unsigned>(color.g) * color.a;
        b += static_cast<unsigned>(color.b) * color.a;
        a += color.a;
    }
    if (a == 0) {
        return {0, 0, 0, 0};
    }
    const auto channel = [a](unsigned sum) { return static_cast<std::uint8_t>((sum + a / 2) / a); };
    return {channel(r), channel(g), channel(b),
            static_cast<std::uint8_t>(a / static_cast<unsigned>(end - begin))};
}

DepthTile makeTile(const CellMap& map, float opacity, int first, int group) {
    const int tokens = std::min(kMostColumns * group, map.places - first);
    const int rows = map.rows;
    auto bitmap = std::make_shared<scene::Bitmap>();
    bitmap->width = (tokens + group - 1) / group;
    bitmap->height = rows;
    bitmap->rgba.resize(static_cast<std::size_t>(bitmap->width) * static_cast<std::size_t>(rows) *
                        4);
    std::uint8_t* pixel = bitmap->rgba.data();
    for (int row = rows - 1; row >= 0; --row) {
        for (int begin = first; begin < first + tokens; begin += group) {
            const int end = std::min(begin + group, first + tokens);
            const scene::Color color = meanColor(map, static_cast<std::size_t>(row), begin, end);
            *pixel++ = color.r;
            *pixel++ = color.g;
            *pixel++ = color.b;
            *pixel++ =
                static_cast<std::uint8_t>(std::lround(static_cast<float>(color.a) * opacity));
        }
    }
    return {first, tokens, std::move(bitmap)};
}

} // namespace

namespace {

void addPixel(scene::Bitmap& bitmap, scene::Color color, float opacity) {
    const auto alpha =
        static_cast<std::uint8_t>(std::lround(static_cast<float>(color.a) * opacity));
    bitmap.rgba.insert(bitmap.rgba.end(), {color.r, color.g, color.b, alpha});
}

} // namespace

std::vector<DepthPicture> depthPictures(const DepthBitmapRequest& request) {
    const trace::RunView& run = *request.run;
    const Shades shades(run, *request.theme);
    const int places = run.layout.rows * run.layout.columns;
    std::vector<DepthPicture> pictures;
    for (int frame = request.begin; frame < std::min(request.end, run.layout.frames); ++frame) {
        for (int r = 0; r < run.recursions(); ++r) {
            auto bitmap = std::make_shared<scene::Bitmap>();
            bitmap->width = run.layout.columns;
            bitmap->height = run.layout.rows;
            for (int i = 0; i < places; ++i) {
                const std::int64_t at = std::int64_t{frame} * places + i - run.firstPlace;
                const bool known = at >= 0 && at < static_cast<std::int64_t>(run.places());
                addPixel(*bitmap,
                         known
                             ? shades.at(static_cast<std::size_t>(r), static_cast<std::size_t>(at))
                             : scene::Color{0, 0, 0, 0},
                         request.opacity);
            }
            pictures.push_back({frame, r, std::move(bitmap)});
        }
    }
    return pictures;
}

std::vector<DepthTile> cellTiles(const CellMap& map, const CellRange& range) {
    const int group = std::max(1, static_cast<int>(std::ceil(1.0 / std::max(range.cell, 1e-6))));
    const int stride = kMostColumns * group;
    const int last = std::min(range.end, map.places);
    std::vector<DepthTile> tiles;
    for (int first = range.begin / stride * stride; first < last; first += stride) {
        tiles.push_back(makeTile(map, range.opacity, first, group));
    }
    return tiles;
}

std::vector<DepthTile> depthTiles(const DepthBitmapRequest& request) {
    const Shades shades(*request.run, *request.theme);
    return cellTiles({static_cast<int>(request.run->places()), request.run->recursions(),
                      [&](std::size_t row, std::size_t place) { return shades.at(row, place); }},
                     {request.begin, request.end, request.cell, request.opacity});
}

} // namespace depthscope::instruments
