// SPDX-License-Identifier: MIT
// What maps of tokens over recursions have in common, whatever their cells show: recursion 1 at the
// bottom, a column for each token of the axis, names at the left, words below, the cursor around
// its column. Pure; GUI thread.
#pragma once

#include "widgets/instruments/column_labels.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

#include <functional>
#include <span>
#include <string>

namespace depthscope::instruments {

struct TokenMap {
    SceneWriter& writer;
    const trace::RunView& run;
    const Cursor& cursor;
    const PlotFrame& frame;
    const PlaceAxis& axis;
    scene::Rect plot;
    int rows = 0;

    [[nodiscard]] float rowHeight() const { return plot.height / static_cast<float>(rows); }

    [[nodiscard]] float rowTop(int recursion) const {
        return plot.bottom() - rowHeight() * static_cast<float>(recursion + 1);
    }

    /// Names of rows, each second, third, .. where they are lower than a line. `pattern`: with %1
    /// for the number; `color`: of a row that the cursor is not in.
    void drawRowLabels(const std::string& pattern,
                       const std::function<scene::Color(int)>& color) const;

    void drawTiles(std::span<const DepthTile> tiles) const;

    /// In the surface's colour: they make cells of a texture.
    void drawGaps() const;

    /// Around the columns that are pointed at and chosen.
    void drawCursorColumns() const;

    /// Rising words reach out to the left of their columns, never of the panel.
    void drawWords(const ColumnLabels& words, float top) const;
};

} // namespace depthscope::instruments
