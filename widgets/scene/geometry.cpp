// SPDX-License-Identifier: MIT
#include "widgets/scene/geometry.h"

#include <algorithm>
#include <cmath>

namespace depthscope::scene {

namespace {

// A hatch finer than this is a tint; it also bounds how many strokes a rectangle can have.
constexpr float kLeastSpacing = 2.0F;

constexpr float kRisingCos = 0.5F;
constexpr float kRisingSin = 0.8660254F;

float snapped(float value, float pixelRatio) {
    return std::round(value * pixelRatio) / pixelRatio;
}

} // namespace

Rect intersected(Rect a, Rect b) {
    const float left = std::max(a.x, b.x);
    const float top = std::max(a.y, b.y);
    const float right = std::min(a.right(), b.right());
    const float bottom = std::min(a.bottom(), b.bottom());
    return {left, top, std::max(0.0F, right - left), std::max(0.0F, bottom - top)};
}

// Negated comparisons, so that NaN counts as empty.
bool isEmpty(Rect rect) {
    return !(rect.width > 0) || !(rect.height > 0);
}

// Rising strokes: x + y is constant along each, a multiple of the spacing's diagonal.
std::vector<Segment> hatchLines(const HatchRect& hatch, Rect clip) {
    std::vector<Segment> lines;
    const Rect area = intersected(hatch.rect, clip);
    if (isEmpty(area)) {
        return lines;
    }
    const float step = std::max(hatch.spacing, kLeastSpacing) * std::sqrt(2.0F);
    const float last = area.right() + area.bottom();
    const float first = std::floor((area.x + area.y) / step) + 1.0F;
    // Counted, not summed: far from the origin adding a step may change nothing.
    const auto count = static_cast<int>(std::max(0.0F, (last - first * step) / step)) + 1;
    for (int i = 0; i < count; ++i) {
        const float sum = (first + static_cast<float>(i)) * step;
        const float left = std::max(area.x, sum - area.bottom());
        const float right = std::min(area.right(), sum - area.y);
        if (right > left) {
            lines.push_back({{left, sum - left}, {right, sum - right}});
        }
    }
    return lines;
}

// Liang and Barsky (1984).
std::optional<Segment> cut(Segment segment, Rect clip) {
    const float dx = segment.to.x - segment.from.x;
    const float dy = segment.to.y - segment.from.y;
    const float direction[] = {-dx, dx, -dy, dy};
    const float room[] = {segment.from.x - clip.x, clip.right() - segment.from.x,
                          segment.from.y - clip.y, clip.bottom() - segment.from.y};
    float enter = 0;
    float leave = 1;
    for (int side = 0; side < 4; ++side) {
        if (direction[side] == 0) {
            if (room[side] < 0) {
                return std::nullopt;
            }
            continue;
        }
        const float at = room[side] / direction[side];
        if (direction[side] < 0) {
            enter = std::max(enter, at);
        } else {
            leave = std::min(leave, at);
        }
    }
    if (!(enter <= leave)) {
        return std::nullopt;
    }
    return Segment{{segment.from.x + enter * dx, segment.from.y + enter * dy},
                   {segment.from.x + leave * dx, segment.from.y + leave * dy}};
}

std::optional<Rect> sharpLine(const Polyline& line, float pixelRatio) {
    if (line.points.size() != 2) {
        return std::nullopt;
    }
    const Point a = line.points[0];
    const Point b = line.points[1];
    const bool upright = a.x == b.x;
    if (!upright && a.y != b.y) {
        return std::nullopt;
    }
    const float width = std::max(1.0F, std::round(line.width * pixelRatio)) / pixelRatio;
    const auto side = [&](float at) { return snapped(at - line.width / 2, pixelRatio); };
    if (upright) {
        const float top = snapped(std::min(a.y, b.y), pixelRatio);
        const float bottom = snapped(std::max(a.y, b.y), pixelRatio);
        return Rect{side(a.x), top, width, bottom - top};
    }
    const float left = snapped(std::min(a.x, b.x), pixelRatio);
    const float right = snapped(std::max(a.x, b.x), pixelRatio);
    return Rect{left, side(a.y), right - left, width};
}

Rect risingBox(const RisingLine& line) {
    return {line.corner.x - kRisingCos * line.length, line.corner.y,
            kRisingCos * line.length + kRisingSin * line.height,
            kRisingSin * line.length + kRisingCos * line.height};
}

// The two equations of risingBox, solved for length and height.
RisingLine risingIn(Rect box) {
    const float height = 2 * kRisingSin * box.width - 2 * kRisingCos * box.height;
    const float length = (box.width - kRisingSin * height) / kRisingCos;
    return {{box.right() - kRisingSin * height, box.y}, length, height};
}

} // namespace depthscope::scene
