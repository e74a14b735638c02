// SPDX-License-Identifier: MIT
// The lanes themselves: a row for each, what ran in it as high as it had tokens, its sums at the
// right. Draws with the caller's writer.
#pragma once

#include "widgets/instruments/lanes_figures.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/time_axis.h"

#include <optional>

namespace depthscope::instruments {

struct LaneRows {
    const ShownLanes& shown;
    const PlotFrame& frame;
    const TimeAxis& axis;
    scene::Rect plot; ///< of all of them
    bool isGhost = false;

    [[nodiscard]] float height() const;
    /// From the bottom up, as ShownLanes::order.
    [[nodiscard]] scene::Rect row(std::size_t index) const;
    /// The lane under a point of the plot.
    [[nodiscard]] std::optional<trace::Lane> laneAt(scene::Point at) const;

    void draw(SceneWriter& writer) const;

private:
    void drawRow(SceneWriter& writer, std::size_t index) const;
    void drawSpans(SceneWriter& writer, std::size_t index) const;
    void drawSums(SceneWriter& writer, std::size_t index) const;
};

/// What is full of tokens in a lane, and what of other tokens in its batches.
struct LaneColors {
    scene::Color own;
    scene::Color others;
};

[[nodiscard]] LaneColors
laneColors(const scene::Theme& theme, const trace::Lane& lane, int recursions);

} // namespace depthscope::instruments
