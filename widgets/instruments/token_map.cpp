// SPDX-License-Identifier: MIT
#include "widgets/instruments/token_map.h"

#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace depthscope::instruments {

namespace {

constexpr float kGapCell = 8; // pixels from which a cell has a gap to its neighbour

void drawColumn(const TokenMap& map, int token, float stroke) {
    const float rim = map.writer.px(1);
    const float width = std::max(static_cast<float>(map.axis.cell) + 2 * rim, map.writer.px(3));
    map.writer.out.stroke(
        {map.axis.x(token + 0.5) - width / 2, map.plot.y - rim, width, map.plot.height + 2 * rim},
        map.writer.theme.accent, stroke, map.writer.px(2));
}

} // namespace

void TokenMap::drawRowLabels(const std::string& pattern,
                             const std::function<scene::Color(int)>& color) const {
    const float line = writer.line(writer.small());
    const int every = std::max(1, static_cast<int>(std::ceil(line / rowHeight())));
    for (int r = 0; r < rows; r += every) {
        const float middle = rowTop(r) + (rowHeight() - line) / 2;
        const float y = std::clamp(middle, 0.0F, std::max(0.0F, writer.bounds.height - line));
        const bool lit = cursor.recursion() == r && cursorPlace(run, cursor);
        writer.label({writer.theme.grid, y, frame.left - 2 * writer.theme.grid, line},
                     fill(pattern, {writer.service.number(r + 1, 0)}), writer.small(),
                     lit ? writer.theme.accent : color(r), scene::Align::Right);
    }
}

void TokenMap::drawTiles(std::span<const DepthTile> tiles) const {
    for (const DepthTile& tile : tiles) {
        const int group = (tile.places + tile.bitmap->width - 1) / tile.bitmap->width;
        const double columns = double{static_cast<float>(tile.bitmap->width)} * group;
        writer.out.image(
            {axis.x(tile.firstPlace), plot.y, static_cast<float>(columns * axis.cell), plot.height},
            tile.bitmap);
    }
}

void TokenMap::drawGaps() const {
    const scene::Color ground = writer.theme.surface;
    for (int r = 1; r < rows; ++r) {
        const float gap = std::min(writer.px(2), rowHeight() / 6);
        writer.out.fill({plot.x, rowTop(r - 1) - gap / 2, plot.width, gap}, ground);
    }
    if (axis.cell < double{writer.px(kGapCell)}) {
        return;
    }
    for (int t = axis.firstVisible() + 1; t < axis.endVisible(); ++t) {
        const float gap = writer.px(axis.cell >= double{writer.px(16)} ? 2 : 1);
        writer.out.fill({axis.x(t) - gap / 2, plot.y, gap, plot.height}, ground);
    }
}

void TokenMap::drawCursorColumns() const {
    const std::optional<int> hover = cursor.hoverPlace;
    if (hover && *hover >= 0 && *hover < axis.places && hover != cursor.pinnedPlace) {
        drawColumn(*this, *hover, writer.px(1));
    }
    if (const std::optional<int> token = cursorPlace(run, cursor)) {
        drawColumn(*this, *token, writer.px(cursor.pinnedPlace ? 2 : 1));
    }
}

void TokenMap::drawWords(const ColumnLabels& words, float top) const {
    writer.out.pushClip(
        {0, plot.bottom(), plot.right() + writer.px(2), writer.bounds.height - plot.bottom()});
    words.draw(writer, axis, top, cursorPlace(run, cursor));
    writer.out.popClip();
}

} // namespace depthscope::instruments
