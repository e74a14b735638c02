// SPDX-License-Identifier: MIT
#include "widgets/instruments/picture_map.h"

#include "widgets/scene/geometry.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr int kDegreesPerTurn = 90;

/// Width of a pixel against its height.
double aspectOf(const trace::ClipView& clip) {
    const trace::Ratio aspect = clip.sampleAspect;
    return aspect.over > 0 && aspect.under > 0 ? static_cast<double>(aspect.over) / aspect.under
                                               : 1;
}

/// A point of the unit square, turned counterclockwise: from the screen to the frame.
scene::Point turnedBack(scene::Point p, int turns) {
    switch (turns) {
    case 1:
        return {p.y, 1 - p.x};
    case 2:
        return {1 - p.x, 1 - p.y};
    case 3:
        return {1 - p.y, p.x};
    default:
        return p;
    }
}

scene::Rect between(scene::Point a, scene::Point b) {
    return {std::min(a.x, b.x), std::min(a.y, b.y), std::abs(a.x - b.x), std::abs(a.y - b.y)};
}

/// The middle of the room as a share of the picture, so that no room is left beside it.
double inside(double center, float room, float length) {
    if (length <= room) {
        return 0.5;
    }
    const double half = static_cast<double>(room) / length / 2;
    return std::clamp(std::isfinite(center) ? center : 0.5, half, 1 - half);
}

} // namespace

PictureMap pictureMap(const trace::ClipView& clip, const ViewState& state, scene::Rect area) {
    PictureMap map;
    map.area = area;
    map.width = clip.frame->width;
    map.height = clip.frame->height;
    map.quarterTurns =
        (clip.rotation + kDegreesPerTurn / 2) / kDegreesPerTurn % 4; // others are not square
    double wide = map.width * aspectOf(clip);
    double high = map.height;
    if (map.quarterTurns % 2 != 0) {
        std::swap(wide, high);
    }
    const double fit = std::min(area.width / wide, area.height / high);
    map.scale = state.pictureScale > 0
                    ? std::clamp(state.pictureScale, std::min(kLeastPictureScale, fit),
                                 std::max(kMostPictureScale, fit))
                    : fit;
    const auto width = static_cast<float>(wide * map.scale);
    const auto height = static_cast<float>(high * map.scale);
    const double x = inside(state.centerX, area.width, width);
    const double y = inside(state.centerY, area.height, height);
    // On whole pixels, so that a picture at 100 % is sharp.
    map.whole = {std::round(static_cast<float>(area.x + area.width / 2 - x * width)),
                 std::round(static_cast<float>(area.y + area.height / 2 - y * height)), width,
                 height};
    return map;
}

scene::Rect PictureMap::shown() const {
    return scene::intersected(whole, area);
}

scene::Rect PictureMap::source() const {
    const scene::Rect part = shown();
    const auto inFrame = [this](scene::Point p) {
        const scene::Point share = turnedBack(
            {(p.x - whole.x) / whole.width, (p.y - whole.y) / whole.height}, quarterTurns);
        return scene::Point{share.x * static_cast<float>(width),
                            share.y * static_cast<float>(height)};
    };
    scene::Rect pixels = between(inFrame({part.x, part.y}), inFrame({part.right(), part.bottom()}));
    pixels.width = std::min(pixels.width, static_cast<float>(width) - pixels.x);
    pixels.height = std::min(pixels.height, static_cast<float>(height) - pixels.y);
    return pixels;
}

std::optional<PixelPlace> PictureMap::pixelAt(scene::Point at) const {
    if (!shown().contains(at)) {
        return std::nullopt;
    }
    const scene::Point share =
        turnedBack({(at.x - whole.x) / whole.width, (at.y - whole.y) / whole.height}, quarterTurns);
    const auto column = static_cast<std::int64_t>(share.x * static_cast<float>(width));
    const auto row = static_cast<std::int64_t>(share.y * static_cast<float>(height));
    return PixelPlace{std::clamp<std::int64_t>(column, 0, width - 1),
                      std::clamp<std::int64_t>(row, 0, height - 1)};
}

scene::Rect PictureMap::onScreen(scene::Rect pixels) const {
    const auto toScreen = [this](float column, float row) {
        const scene::Point share =
            turnedBack({column / static_cast<float>(width), row / static_cast<float>(height)},
                       (4 - quarterTurns) % 4);
        return scene::Point{whole.x + share.x * whole.width, whole.y + share.y * whole.height};
    };
    return between(toScreen(pixels.x, pixels.y), toScreen(pixels.right(), pixels.bottom()));
}

scene::Rect PictureMap::rectOf(PixelPlace pixel) const {
    return onScreen({static_cast<float>(pixel.column), static_cast<float>(pixel.row), 1, 1});
}

ViewState
zoomedPicture(const ViewState& state, const PictureMap& map, scene::Point at, double factor) {
    ViewState next = state;
    const double least = std::min(kLeastPictureScale, map.scale);
    const double most = std::max(kMostPictureScale, map.scale);
    next.pictureScale = std::clamp(map.scale * factor, least, most);
    const double grown = next.pictureScale / map.scale;
    const auto centre = [grown](float whole, float length, float point, float middle) {
        const double share = (static_cast<double>(point) - whole) / length;
        return share + (static_cast<double>(middle) - point) / (length * grown);
    };
    next.centerX = centre(map.whole.x, map.whole.width, at.x, map.area.x + map.area.width / 2);
    next.centerY = centre(map.whole.y, map.whole.height, at.y, map.area.y + map.area.height / 2);
    next.centerX =
        inside(next.centerX, map.area.width, map.whole.width * static_cast<float>(grown));
    next.centerY =
        inside(next.centerY, map.area.height, map.whole.height * static_cast<float>(grown));
    return next;
}

ViewState pannedPicture(const ViewState& state, const PictureMap& map, float dx, float dy) {
    ViewState next = state;
    const auto middle = [](float whole, float length, float area, float room) {
        return (static_cast<double>(area) + room / 2 - whole) / length;
    };
    next.centerX = inside(middle(map.whole.x + dx, map.whole.width, map.area.x, map.area.width),
                          map.area.width, map.whole.width);
    next.centerY = inside(middle(map.whole.y + dy, map.whole.height, map.area.y, map.area.height),
                          map.area.height, map.whole.height);
    return next;
}

} // namespace depthscope::instruments
