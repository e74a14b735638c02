// SPDX-License-Identifier: MIT
// The outline of an object of a procedural clip, in integers: 256 units are a pixel. A value; any
// thread.
#pragma once

#include "engine/data/clip.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace depthscope::data {

inline constexpr std::int64_t kUnitsPerPixel = 256;

/// value / divisor, rounded down for negative values too.
[[nodiscard]] constexpr std::int64_t floorOf(std::int64_t value, std::int64_t divisor) {
    return value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor);
}

/// How far an outline reaches from its centroid, in units.
struct Reach {
    std::int64_t left = 0;
    std::int64_t right = 0;
    std::int64_t up = 0;
    std::int64_t down = 0;
};

/// Points x with begin <= x < end, counted from the centroid.
struct Stretch {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

/// A line through a digit of five columns has at most three.
inline constexpr std::size_t kStretches = 3;

class Sprite {
public:
    /// Disc, square or triangle of about the area of a disc of this radius.
    [[nodiscard]] static Sprite shape(ObjectKind kind, std::int64_t radius);

    /// A digit, twice the radius high.
    [[nodiscard]] static Sprite glyph(std::int32_t digit, std::int64_t radius);

    /// The stretches inside on the line y units below the centroid, from left to right; unused ones
    /// are empty.
    [[nodiscard]] std::array<Stretch, kStretches> line(std::int64_t y) const;

    [[nodiscard]] const Reach& reach() const { return m_reach; }

    /// Square pixels.
    [[nodiscard]] double area() const;

private:
    Sprite() = default;
    [[nodiscard]] std::array<Stretch, kStretches> cellsOfRow(std::int64_t row) const;

    ObjectKind m_kind = ObjectKind::Disc;
    std::int64_t m_half = 0;   ///< radius, half a side, a third of the height, or a cell's side
    std::int64_t m_width = 0;  ///< of a triangle: half its base
    std::uint64_t m_cells = 0; ///< of a glyph: bit 5 · row + column
    Reach m_reach;
};

} // namespace depthscope::data
