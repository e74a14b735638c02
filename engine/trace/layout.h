// SPDX-License-Identifier: MIT
// Which places a run routes, by their order: frames, then rows, then columns. A text is one frame
// of one row that grows; an image one frame; a clip all three. A value; any thread.
#pragma once

#include <cstdint>

namespace depthscope::trace {

struct Layout {
    std::int32_t frames = 1;
    std::int32_t rows = 1;
    std::int32_t columns = 0;

    /// Sizes from a file are bounded first: frames times rows, then all three.
    [[nodiscard]] std::int64_t places() const { return std::int64_t{frames} * rows * columns; }

    /// Its places have neighbours above and below, or before and after.
    [[nodiscard]] bool isGrid() const { return frames > 1 || rows > 1; }

    [[nodiscard]] bool operator==(const Layout&) const = default;
};

/// Where a place is, each from 0.
struct PlacePosition {
    std::int32_t frame = 0;
    std::int32_t row = 0;
    std::int32_t column = 0;
};

/// `place` counts from 0 and lies within the layout.
[[nodiscard]] inline PlacePosition positionOf(const Layout& layout, std::int64_t place) {
    const std::int64_t frame = std::int64_t{layout.rows} * layout.columns;
    const auto row = static_cast<std::int32_t>(place % frame / layout.columns);
    return {static_cast<std::int32_t>(place / frame), row,
            static_cast<std::int32_t>(place % layout.columns)};
}

} // namespace depthscope::trace
