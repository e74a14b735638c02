// SPDX-License-Identifier: MIT
#include "widgets/scene/scene.h"

#include "widgets/scene/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>

namespace depthscope::scene {

namespace {

bool isFinite(Point p) {
    return std::isfinite(p.x) && std::isfinite(p.y);
}

// Calls `use(first, last)` for each run of at least two points that `known` accepts: curves have
// gaps where there is no figure.
template <typename Known, typename Use>
void forEachRun(std::size_t points, Known known, Use use) {
    std::size_t first = 0;
    for (std::size_t i = 0; i <= points; ++i) {
        if (i < points && known(i)) {
            continue;
        }
        if (i >= first + 2) {
            use(static_cast<std::ptrdiff_t>(first), static_cast<std::ptrdiff_t>(i));
        }
        first = i + 1;
    }
}

bool cellAt(const HitGrid& grid, Point p, Hit& cell) {
    if (grid.rows <= 0 || !(grid.cellWidth > 0) || !grid.rect.contains(p)) {
        return false;
    }
    const double column = std::floor((double{p.x} - grid.originX) / grid.cellWidth);
    if (column < 0 || column >= grid.columns) {
        return false;
    }
    const double cellHeight = double{grid.rect.height} / grid.rows;
    const int rowFromTop =
        std::clamp(static_cast<int>((double{p.y} - grid.rect.y) / cellHeight), 0, grid.rows - 1);
    cell.kind = HitKind::Cell;
    cell.column = static_cast<int>(column);
    cell.row = grid.rows - 1 - rowFromTop;
    cell.rect = {static_cast<float>(grid.originX + column * grid.cellWidth),
                 static_cast<float>(grid.rect.y + rowFromTop * cellHeight), grid.cellWidth,
                 static_cast<float>(cellHeight)};
    return true;
}

bool cellAt(const HitMosaic& mosaic, Point p, Hit& cell) {
    if (mosaic.columns <= 0 || mosaic.lines <= 0 || !mosaic.seen.contains(p)) {
        return false;
    }
    const float width = mosaic.rect.width / static_cast<float>(mosaic.columns);
    const float height = mosaic.rect.height / static_cast<float>(mosaic.lines);
    const int column =
        std::clamp(static_cast<int>((p.x - mosaic.rect.x) / width), 0, mosaic.columns - 1);
    const int line =
        std::clamp(static_cast<int>((p.y - mosaic.rect.y) / height), 0, mosaic.lines - 1);
    cell.kind = HitKind::Cell;
    cell.column = mosaic.firstColumn + line * mosaic.columns + column;
    cell.row = mosaic.row;
    cell.rect = {mosaic.rect.x + width * static_cast<float>(column),
                 mosaic.rect.y + height * static_cast<float>(line), width, height};
    return true;
}

Point middleOf(const Rect& rect) {
    return {rect.x + rect.width / 2, rect.y + rect.height / 2};
}

std::optional<Rect> rectIn(const HitMosaic& mosaic, int column, int row) {
    const int at = column - mosaic.firstColumn;
    if (row != mosaic.row || at < 0 || mosaic.columns <= 0 ||
        at >= std::int64_t{mosaic.columns} * mosaic.lines) {
        return std::nullopt;
    }
    const float width = mosaic.rect.width / static_cast<float>(mosaic.columns);
    const float height = mosaic.rect.height / static_cast<float>(mosaic.lines);
    const Rect cell{mosaic.rect.x + width * static_cast<float>(at % mosaic.columns),
                    mosaic.rect.y + height * static_cast<float>(at / mosaic.columns), width,
                    height};
    return mosaic.seen.contains(middleOf(cell)) ? std::optional(cell) : std::nullopt;
}

std::optional<Rect> rectIn(const HitGrid& grid, int column, int row) {
    if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) {
        return std::nullopt;
    }
    const float height = grid.rect.height / static_cast<float>(grid.rows);
    const Rect cell{grid.originX + grid.cellWidth * static_cast<float>(column),
                    grid.rect.bottom() - height * static_cast<float>(row + 1), grid.cellWidth,
                    height};
    return grid.rect.contains(middleOf(cell)) ? std::optional(cell) : std::nullopt;
}

} // namespace

// A Body is the ground that everything else stands on, whatever the order it was added in.
Hit hitAt(const Scene& scene, Point p) {
    const Hit* body = nullptr;
    for (auto hit = scene.hits.rbegin(); hit != scene.hits.rend(); ++hit) {
        if (!hit->rect.contains(p)) {
            continue;
        }
        if (hit->kind != HitKind::Body) {
            return *hit;
        }
        if (body == nullptr) {
            body = &*hit;
        }
    }
    Hit cell;
    for (auto mosaic = scene.mosaics.rbegin(); mosaic != scene.mosaics.rend(); ++mosaic) {
        if (cellAt(*mosaic, p, cell)) {
            return cell;
        }
    }
    for (auto grid = scene.grids.rbegin(); grid != scene.grids.rend(); ++grid) {
        if (cellAt(*grid, p, cell)) {
            return cell;
        }
    }
    return body != nullptr ? *body : Hit{};
}

std::optional<Rect> cellRect(const Scene& scene, int column, int row) {
    for (const HitMosaic& mosaic : scene.mosaics) {
        if (const std::optional<Rect> rect = rectIn(mosaic, column, row)) {
            return rect;
        }
    }
    for (const HitGrid& grid : scene.grids) {
        if (const std::optional<Rect> rect = rectIn(grid, column, row)) {
            return rect;
        }
    }
    for (const Hit& hit : scene.hits) {
        if (hit.column == column && (hit.row < 0 || hit.row == row)) {
            return hit.rect;
        }
    }
    return std::nullopt;
}

Builder::Builder(Rect bounds) {
    m_scene.bounds = bounds;
    m_scene.clips.push_back(bounds);
    m_clipStack.push_back(0);
}

void Builder::add(Shape shape) {
    m_scene.primitives.push_back({std::move(shape), m_clipStack.back()});
}

void Builder::fill(Rect rect, Color color, float radius) {
    if (!isEmpty(rect)) {
        add(FillRect{rect, color, radius});
    }
}

void Builder::stroke(Rect rect, Color color, float width, float radius) {
    if (!isEmpty(rect) && width > 0) {
        add(StrokeRect{rect, color, width, radius});
    }
}

void Builder::hatch(Rect rect, Color color, float spacing) {
    if (!isEmpty(rect) && spacing > 0) {
        add(HatchRect{rect, color, spacing});
    }
}

void Builder::line(Point from, Point to, Color color, float width) {
    polyline({from, to}, color, width);
}

void Builder::polyline(std::vector<Point> points, Color color, float width) {
    if (!(width > 0)) {
        return;
    }
    const auto known = [&](std::size_t i) { return isFinite(points[i]); };
    forEachRun(points.size(), known, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        add(Polyline{{points.begin() + first, points.begin() + last}, color, width});
    });
}

void Builder::band(std::vector<Point> upper, std::vector<float> lowerY, Color color) {
    if (upper.size() != lowerY.size()) {
        throw std::invalid_argument("scene::Builder::band: upper and lower curve differ in length");
    }
    const auto known = [&](std::size_t i) {
        return isFinite(upper[i]) && std::isfinite(lowerY[i]);
    };
    forEachRun(upper.size(), known, [&](std::ptrdiff_t first, std::ptrdiff_t last) {
        add(Band{{upper.begin() + first, upper.begin() + last},
                 {lowerY.begin() + first, lowerY.begin() + last},
                 color});
    });
}

void Builder::text(Rect box, std::string text, TextStyle style, Color color, Align align) {
    if (!text.empty() && style.size > 0) {
        add(TextRun{box, std::move(text), style, color, align});
    }
}

void Builder::risingText(Rect box, std::string text, TextStyle style, Color color) {
    if (!text.empty() && style.size > 0) {
        add(TextRun{box, std::move(text), style, color, Align::Left, Slope::Rising});
    }
}

void Builder::image(Rect rect, std::shared_ptr<const Bitmap> bitmap) {
    if (isEmpty(rect) || !bitmap || bitmap->width <= 0 || bitmap->height <= 0) {
        return;
    }
    const auto bytes =
        static_cast<std::size_t>(bitmap->width) * static_cast<std::size_t>(bitmap->height) * 4;
    if (bitmap->rgba.size() != bytes) {
        throw std::invalid_argument("scene::Builder::image: pixels do not match width and height");
    }
    add(Image{rect, std::move(bitmap)});
}

void Builder::video(Video video) {
    if (!video.picture || isEmpty(video.rect) || isEmpty(video.source)) {
        return;
    }
    const auto pixels = static_cast<std::size_t>(std::max(0, video.picture->width)) *
                        static_cast<std::size_t>(std::max(0, video.picture->height));
    if (pixels > 0 && video.picture->bytes.size() == pixels * 3) {
        add(std::move(video));
    }
}

void Builder::pushClip(Rect rect) {
    const Rect clip = intersected(rect, m_scene.clips[m_clipStack.back()]);
    const auto known = std::find(m_scene.clips.begin(), m_scene.clips.end(), clip);
    const auto index = static_cast<std::size_t>(known - m_scene.clips.begin());
    if (index > std::numeric_limits<std::uint16_t>::max()) {
        throw std::length_error("scene::Builder::pushClip: more than 65,536 different clips");
    }
    if (known == m_scene.clips.end()) {
        m_scene.clips.push_back(clip);
    }
    m_clipStack.push_back(static_cast<std::uint16_t>(index));
}

void Builder::popClip() {
    if (m_clipStack.size() < 2) {
        throw std::logic_error("scene::Builder::popClip without pushClip");
    }
    m_clipStack.pop_back();
}

// What cannot be seen must not answer the pointer.
void Builder::hit(Hit hit) {
    hit.rect = intersected(hit.rect, m_scene.clips[m_clipStack.back()]);
    if (!isEmpty(hit.rect)) {
        m_scene.hits.push_back(std::move(hit));
    }
}

// Cut sideways only: the height of the rectangle is what divides it into rows.
void Builder::grid(HitGrid grid) {
    const Rect clip = m_scene.clips[m_clipStack.back()];
    const float right = std::min(grid.rect.right(), clip.right());
    grid.rect.x = std::max(grid.rect.x, clip.x);
    grid.rect.width = right - grid.rect.x;
    if (!isEmpty(grid.rect)) {
        m_scene.grids.push_back(grid);
    }
}

void Builder::mosaic(HitMosaic mosaic) {
    mosaic.seen = intersected(mosaic.rect, m_scene.clips[m_clipStack.back()]);
    if (!isEmpty(mosaic.seen)) {
        m_scene.mosaics.push_back(mosaic);
    }
}

void Builder::summary(std::string text) {
    m_scene.summary = std::move(text);
}

Scene Builder::take() {
    Scene scene = std::exchange(m_scene, Scene{});
    m_scene.bounds = scene.bounds;
    m_scene.clips.push_back(scene.bounds);
    m_clipStack.assign(1, 0);
    return scene;
}

} // namespace depthscope::scene
