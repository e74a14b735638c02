// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_overlay.h"

#include "widgets/instruments/expert_names.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"
#include "widgets/scene/geometry.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace depthscope::instruments {

namespace {

constexpr float kChipPatch = 40; // pixels from which a patch holds its number or letters
constexpr float kHatch = 4;      // between the lines of every second expert, as in EXPERTS
constexpr float kContour = 2;
constexpr scene::Color kHalo{0, 0, 0, 110}; // beside a contour: readable on any picture

class OverlayDrawing {
public:
    OverlayDrawing(SceneWriter& writer,
                   const OverlayTarget& target,
                   const ViewState& state,
                   const Cursor& cursor)
        : m_writer(writer)
        , m_at(target)
        , m_state(state)
        , m_cursor(cursor)
        , m_isDepth(state.overlayBy == OverlayBy::Depth)
        , m_opacity(static_cast<float>(std::clamp(state.overlayOpacity, 0.0, 1.0))) {}

    void draw() {
        m_writer.out.pushClip(scene::intersected(m_at.part, m_at.map.area));
        if (!m_state.hidesOverlay && hasOverlay(m_at.run, m_state.overlayBy)) {
            drawMarks();
        }
        drawCursor(m_cursor.hoverPlace, 1);
        drawCursor(m_cursor.pinnedPlace, 2);
        m_writer.out.popClip();
    }

private:
    void drawMarks() {
        switch (m_state.overlay) {
        case Overlay::Off:
            return;
        case Overlay::Tint:
            eachStretch([this](int place, scene::Rect rect) { tint(place, rect); });
            eachPatch([this](int place, scene::Rect rect) { drawChip(place, rect); });
            return;
        case Overlay::Contour:
            eachCell([this](int row, int column) { drawContour(row, column); });
            eachPatch([this](int place, scene::Rect rect) { drawChip(place, rect); });
            return;
        case Overlay::Dim:
            eachStretch([this](int place, scene::Rect rect) { dim(place, rect); });
            return;
        }
    }

    [[nodiscard]] bool has(int place) const {
        return place >= 0 && static_cast<std::size_t>(place) < m_at.run.places();
    }

    /// Depth, or the number of the first expert; -1: none.
    [[nodiscard]] int valueOf(int place) const {
        const auto at = static_cast<std::size_t>(place);
        return m_isDepth ? int{m_at.run.depth[at]} : firstExpert(m_at.run, at).value_or(-1);
    }

    [[nodiscard]] scene::Color colorOf(int value) const {
        if (m_isDepth) {
            return scene::depthColor(m_writer.theme, value, m_at.run.recursions());
        }
        return value < 0 ? m_writer.theme.absent : scene::okabeIto(value);
    }

    void eachCell(const std::function<void(int, int)>& what) const {
        for (int row = 0; row < m_at.grid.layout.rows; ++row) {
            for (int column = 0; column < m_at.grid.layout.columns; ++column) {
                const scene::Rect rect = m_at.grid.rectOf(m_at.map, row, column);
                const scene::Rect seen = scene::intersected(rect, m_at.part);
                if (has(m_at.grid.placeAt(m_at.frame, row, column)) && seen.width > 0 &&
                    seen.height > 0) {
                    what(row, column);
                }
            }
        }
    }

    void eachPatch(const std::function<void(int, scene::Rect)>& what) const {
        eachCell([&](int row, int column) {
            what(m_at.grid.placeAt(m_at.frame, row, column),
                 m_at.grid.rectOf(m_at.map, row, column));
        });
    }

    /// Neighbours of a row that look alike together: fewer rectangles, and no seams between them.
    void eachStretch(const std::function<void(int, scene::Rect)>& what) const {
        std::optional<std::pair<int, scene::Rect>> open;
        eachPatch([&](int place, scene::Rect rect) {
            if (open && open->second.y == rect.y && looksAlike(open->first, place)) {
                open->second.width = rect.right() - open->second.x;
                return;
            }
            if (open) {
                what(open->first, open->second);
            }
            open = {place, rect};
        });
        if (open) {
            what(open->first, open->second);
        }
    }

    [[nodiscard]] bool looksAlike(int a, int b) const {
        return m_state.overlay == Overlay::Dim ? veilOf(a) == veilOf(b) : valueOf(a) == valueOf(b);
    }

    void tint(int place, scene::Rect rect) {
        const int value = valueOf(place);
        m_writer.out.fill(rect, m_writer.withAlpha(colorOf(value), m_opacity));
        if (!m_isDepth && value % 2 != 0 && !holdsChip(rect)) {
            m_writer.out.hatch(rect, m_writer.withAlpha(m_writer.theme.surface, m_opacity),
                               m_writer.px(kHatch));
        }
    }

    /// 0 to 1: how far a patch stands back. By depth the deepest one does not; by expert those do
    /// that share none with the cursor's patch.
    [[nodiscard]] float veilOf(int place) const {
        const auto at = static_cast<std::size_t>(place);
        if (m_isDepth) {
            const auto steps = static_cast<float>(m_at.run.recursions() - 1);
            const auto left = static_cast<float>(m_at.run.recursions() - m_at.run.depth[at]);
            return std::clamp(left / steps, 0.0F, 1.0F);
        }
        const std::optional<int> looked = cursorPlace(m_at.run, m_cursor);
        const std::optional<int> expert =
            looked ? firstExpert(m_at.run, static_cast<std::size_t>(*looked)) : std::nullopt;
        if (!expert) {
            return 0;
        }
        const auto own = m_at.run.experts.front().indexOf(at);
        return std::ranges::find(own, *expert) == own.end() ? 1.0F : 0.0F;
    }

    void dim(int place, scene::Rect rect) {
        const float veil = veilOf(place) * m_opacity;
        if (veil > 0) {
            m_writer.out.fill(rect, m_writer.withAlpha(m_writer.theme.surface, veil));
        }
    }

    /// Lines inside of the patch where a neighbour differs: of a depth the deeper side alone has
    /// them, as heights on a map.
    void drawContour(int row, int column) {
        const int value = valueOf(m_at.grid.placeAt(m_at.frame, row, column));
        const scene::Rect rect = m_at.grid.rectOf(m_at.map, row, column);
        const auto isBorder = [&](int dy, int dx) {
            const int r = row + dy;
            const int c = column + dx;
            const bool isOutside =
                r < 0 || c < 0 || r >= m_at.grid.layout.rows || c >= m_at.grid.layout.columns;
            if (isOutside) {
                return !m_isDepth || value > 1;
            }
            const int place = m_at.grid.placeAt(m_at.frame, r, c);
            return has(place) && (m_isDepth ? valueOf(place) < value : valueOf(place) != value);
        };
        const float wide = m_writer.px(kContour);
        const float most = std::min(wide, std::min(rect.width, rect.height) / 4);
        drawEdges(rect, 2 * most, kHalo, isBorder);
        drawEdges(rect, most, colorOf(value), isBorder);
    }

    void drawEdges(scene::Rect rect,
                   float wide,
                   scene::Color color,
                   const std::function<bool(int, int)>& isBorder) {
        const auto edge = [&](int dy, int dx, scene::Rect line) {
            if (isBorder(dy, dx)) {
                m_writer.out.fill(
                    line, m_writer.withAlpha(color, m_opacity * static_cast<float>(color.a) / 255));
            }
        };
        edge(-1, 0, {rect.x, rect.y, rect.width, wide});
        edge(1, 0, {rect.x, rect.bottom() - wide, rect.width, wide});
        edge(0, -1, {rect.x, rect.y, wide, rect.height});
        edge(0, 1, {rect.right() - wide, rect.y, wide, rect.height});
    }

    [[nodiscard]] bool holdsChip(scene::Rect rect) const {
        // Of one patch: a stretch is as high as its patches.
        return rect.height >= m_writer.px(kChipPatch) && rect.width >= m_writer.px(kChipPatch);
    }

    /// The value in words, so that it can be read without the colour.
    void drawChip(int place, scene::Rect rect) {
        if (!holdsChip(rect)) {
            return;
        }
        const scene::TextStyle style = m_writer.small();
        const std::string words = chipText(place);
        const float high = m_writer.line(style);
        const float pad = m_writer.px(4);
        const scene::Rect chip{rect.x + pad, rect.bottom() - pad - high,
                               std::max(high, m_writer.width(words, style) + 2 * pad), high};
        const scene::Color color = colorOf(valueOf(place));
        m_writer.out.fill(chip, color, m_writer.px(2));
        m_writer.label(chip, words, style, inkOn(color), scene::Align::Center);
    }

    [[nodiscard]] std::string chipText(int place) const {
        if (m_isDepth) {
            return m_writer.service.number(valueOf(place), 0);
        }
        std::string letters;
        for (const std::uint8_t expert :
             m_at.run.experts.front().indexOf(static_cast<std::size_t>(place))) {
            letters += expertLetter(expert);
        }
        return letters.empty() ? "\xE2\x80\x93" : letters;
    }

    void drawCursor(const std::optional<int>& place, float wide) {
        if (!place || !has(*place)) {
            return;
        }
        const trace::PlacePosition at = m_at.grid.positionOf(*place);
        if (at.frame != m_at.grid.layerOf(m_at.frame)) {
            return;
        }
        const scene::Rect rect = m_at.grid.rectOf(m_at.map, at.row, at.column);
        const float rim = m_writer.px(1);
        m_writer.out.stroke(
            {rect.x - rim, rect.y - rim, rect.width + 2 * rim, rect.height + 2 * rim},
            m_writer.theme.surface, m_writer.px(wide) + 2 * rim);
        m_writer.out.stroke(rect, m_writer.theme.accent, m_writer.px(wide));
    }

    SceneWriter& m_writer;
    const OverlayTarget& m_at;
    const ViewState& m_state;
    const Cursor& m_cursor;
    bool m_isDepth;
    float m_opacity;
};

} // namespace

bool hasOverlay(const trace::RunView& run, OverlayBy by) {
    return by == OverlayBy::Depth ? run.recursions() > 1 : !run.experts.empty();
}

void drawOverlay(SceneWriter& writer,
                 const OverlayTarget& target,
                 const ViewState& state,
                 const Cursor& cursor) {
    OverlayDrawing(writer, target, state, cursor).draw();
}

} // namespace depthscope::instruments
