// SPDX-License-Identifier: MIT
// Geometry that both painters share, so that a picture on screen and its export agree. Pure, any
// thread.
#pragma once

#include "widgets/scene/scene.h"

#include <optional>
#include <vector>

namespace depthscope::scene {

struct Segment {
    Point from;
    Point to;

    [[nodiscard]] bool operator==(const Segment&) const = default;
};

/// The common part; width and height 0 if there is none.
[[nodiscard]] Rect intersected(Rect a, Rect b);

/// True if nothing is visible; NaN counts as empty.
[[nodiscard]] bool isEmpty(Rect rect);

constexpr float kRisingDegrees = 60;

/// Where a rising line of text lies: its upper right corner, from which it goes down to the left.
struct RisingLine {
    Point corner;
    float length = 0;
    float height = 0;
};

/// The box around a rising line.
[[nodiscard]] Rect risingBox(const RisingLine& line);

/// The line whose box this is.
[[nodiscard]] RisingLine risingIn(Rect box);

/// The strokes of a hatch, cut to the part of its rectangle inside `clip`. Anchored to the origin,
/// so that the hatches of neighbouring cells join.
[[nodiscard]] std::vector<Segment> hatchLines(const HatchRect& hatch, Rect clip);

/// The part of a segment inside `clip`, if any.
[[nodiscard]] std::optional<Segment> cut(Segment segment, Rect clip);

/// A level or upright line of two points as the rectangle that shows it sharply: whole device
/// pixels of `pixelRatio` wide. A hairline at an integer fills the pixel that follows it.
[[nodiscard]] std::optional<Rect> sharpLine(const Polyline& line, float pixelRatio);

} // namespace depthscope::scene
