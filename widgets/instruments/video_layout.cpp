// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_layout.h"

#include "widgets/instruments/scene_writer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::instruments {

namespace {

/// Larger pictures are not scaled before they are shown: a bound for numbers, not for quality.
constexpr double kMostPixels = 32'768;

scene::Rect pictureArea(const Viewport& viewport) {
    const SceneWriter writer(viewport);
    const float line = writer.line(writer.small()) + writer.theme.grid;
    return {0, 0, viewport.bounds.width, std::max(0.0F, viewport.bounds.height - line)};
}

/// B fitted into the place of A's whole picture, moved by `dx`.
PictureMap
fittedInto(const PictureMap& a, const trace::ClipView& other, scene::Rect area, float dx) {
    PictureMap map = pictureMap(other, {}, {0, 0, a.whole.width, a.whole.height});
    map.whole.x += a.whole.x + dx;
    map.whole.y += a.whole.y;
    map.area = area;
    return map;
}

std::optional<PixelPlace> placeIn(const std::optional<PictureMap>& map, scene::Point at) {
    return map ? map->pixelAt(at) : std::nullopt;
}

} // namespace

VideoLayout
videoLayout(const trace::ClipView* clip, const ViewState& state, const Viewport& viewport) {
    VideoLayout layout;
    layout.area = pictureArea(viewport);
    if (clip == nullptr || !clip->frame || !clip->picture || layout.area.height < 1) {
        return layout;
    }
    layout.compares = clip->other != nullptr;
    layout.isSplit = layout.compares && state.comparison == Comparison::Split;
    scene::Rect left = layout.area;
    scene::Rect right = layout.area;
    if (layout.isSplit) {
        const float gap = viewport.theme->grid / 4;
        left.width = std::floor((layout.area.width - gap) / 2);
        right.x = left.right() + gap;
        right.width = left.width;
    }
    if (left.width < 1) {
        return layout;
    }
    layout.a = pictureMap(*clip, state, left);
    if (layout.compares && clip->other->frame && clip->other->picture) {
        layout.b = fittedInto(*layout.a, *clip->other, right, right.x - left.x);
    }
    const auto share = static_cast<float>(std::clamp(state.wipeShare, 0.0, 1.0));
    layout.wipeX = std::round(layout.area.x + layout.area.width * share);
    return layout;
}

VideoLayout::Under VideoLayout::under(scene::Point at) const {
    const bool isRight = isSplit && b && b->area.contains(at);
    const float shift = isSplit && b && a ? b->area.x - a->area.x : 0;
    const scene::Point inA{isRight ? at.x - shift : at.x, at.y};
    return {placeIn(a, inA), placeIn(b, {inA.x + shift, at.y})};
}

bool VideoLayout::isOtherAt(scene::Point at, const ViewState& state) const {
    if (!compares || !b) {
        return false;
    }
    switch (state.comparison) {
    case Comparison::Wipe:
        return at.x >= wipeX;
    case Comparison::Split:
        return b->area.contains(at);
    case Comparison::Blink:
        return state.showsOther;
    case Comparison::Difference:
        break;
    }
    return false;
}

scene::Rect VideoLayout::wipeHandle(float width) const {
    return {wipeX - width / 2, area.y, width, area.height};
}

PictureSize shownSize(const VideoLayout& layout, double pixelRatio) {
    if (!layout.a) {
        return {};
    }
    double wide = static_cast<double>(layout.a->whole.width) * pixelRatio;
    double high = static_cast<double>(layout.a->whole.height) * pixelRatio;
    if (layout.a->quarterTurns % 2 != 0) {
        std::swap(wide, high);
    }
    const auto whole = [](double length) {
        return static_cast<std::int32_t>(std::clamp(std::ceil(length), 1.0, kMostPixels));
    };
    return {whole(wide), whole(high)};
}

} // namespace depthscope::instruments
