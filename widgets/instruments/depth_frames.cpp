// SPDX-License-Identifier: MIT
#include "widgets/instruments/depth_frames.h"

#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "engine/trace/statistics.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/depth_key.h"
#include "widgets/instruments/frame_map.h"
#include "widgets/instruments/step_grid.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kGhost = 0.35F;
constexpr float kNumberCell = 34; // pixels from which a patch holds its score
constexpr float kMarkCell = 5;    // and a mark where it left
constexpr float kGapCell = 8;     // and a gap to its neighbour

class FramesDrawing {
public:
    FramesDrawing(const trace::TraceView& view,
                  const ViewState& state,
                  const Cursor& cursor,
                  const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_cursor(cursor)
        , m_run(*shownRun(view))
        , m_map(frameMap(state, m_run, viewport))
        , m_lit(cursorPlace(m_run, cursor)) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        if (m_map.noteBox.height > 0) {
            m_writer.paragraph(m_map.noteBox, m_map.note, m_writer.ui(), m_writer.theme.muted);
        }
        m_toggle = drawStepToggle(m_writer, m_view, false);
        drawRowLabels();
        m_writer.out.pushClip(clipRect());
        drawPictures();
        if (!isGhost()) {
            drawPatches();
        }
        drawSides();
        drawNumbers();
        drawCursor();
        addMosaics();
        m_writer.out.popClip();
        drawScoreKey(m_writer, m_map.gutters, m_run);
        m_writer.out.summary(summaryText());
        return m_writer.out.take();
    }

private:
    // While a newer run is computed, what is known is that of before.
    [[nodiscard]] bool isGhost() const { return m_view.computing; }

    // The cursor's frame stands a little outside the patches.
    [[nodiscard]] scene::Rect clipRect() const {
        const float rim = m_writer.px(2);
        return {m_map.plot.x - rim, 0, m_map.axis.width + 2 * rim, m_writer.bounds.height};
    }

    void drawRowLabels() {
        const float line = m_writer.line(m_writer.small());
        const std::string pattern = m_map.recursions == 1 ? m_writer.say("all layers")
                                    : m_map.gutters.wide  ? m_writer.say("recursion %1")
                                                          : m_writer.say("rec. %1");
        const int every = std::max(1, static_cast<int>(std::ceil(line / m_map.rowPitch)));
        const float bottom =
            m_toggle.height > 0 ? m_toggle.y - m_writer.px(2) : m_writer.bounds.height;
        for (int r = 0; r < m_map.recursions; r += every) {
            const scene::Rect row = m_map.frameBox(0, r);
            const float y =
                std::clamp(row.y + (row.height - line) / 2, 0.0F, std::max(0.0F, bottom - line));
            const bool lit = m_cursor.recursion() == r && m_lit;
            m_writer.label(
                {m_writer.theme.grid, y, m_map.gutters.left - 2 * m_writer.theme.grid, line},
                fill(pattern, {m_writer.service.number(r + 1, 0)}), m_writer.small(),
                lit ? m_writer.theme.accent : m_writer.theme.muted, scene::Align::Right);
        }
    }

    void drawPictures() {
        const trace::RunView* before = m_view.previous;
        const bool old = isGhost() && before != nullptr && before->layout == m_run.layout &&
                         before->recursions() == m_run.recursions();
        DepthBitmapRequest request;
        request.run = old ? before : &m_run;
        request.theme = &m_writer.theme;
        request.begin = m_map.firstFrame();
        request.end = m_map.endFrame();
        request.opacity = isGhost() ? kGhost : 1;
        for (const DepthPicture& picture : depthPictures(request)) {
            const scene::Rect box = m_map.frameBox(picture.frame, picture.recursion);
            m_writer.out.image(box, picture.bitmap);
            drawGaps(box);
            const float rim = m_writer.px(1);
            m_writer.out.stroke(
                {box.x - rim, box.y - rim, box.width + 2 * rim, box.height + 2 * rim},
                m_writer.theme.hairline, m_writer.px(1));
        }
    }

    // Gaps in the surface's colour make patches of the texture.
    void drawGaps(const scene::Rect& box) {
        if (m_map.cell < m_writer.px(kGapCell)) {
            return;
        }
        const float gap = m_writer.px(m_map.cell >= m_writer.px(16) ? 2 : 1);
        for (int column = 1; column < m_map.layout.columns; ++column) {
            const float x = box.x + m_map.cell * static_cast<float>(column) - gap / 2;
            m_writer.out.fill({x, box.y, gap, box.height}, m_writer.theme.surface);
        }
        for (int row = 1; row < m_map.layout.rows; ++row) {
            const float y = box.y + m_map.cell * static_cast<float>(row) - gap / 2;
            m_writer.out.fill({box.x, y, box.width, gap}, m_writer.theme.surface);
        }
    }

    [[nodiscard]] bool showsScores() const {
        return hasRouter(m_run) && m_map.cell >= m_writer.px(kNumberCell);
    }

    // A dot where the patch left, the second sign beside the colour; scores where there is room.
    void drawPatches() {
        if (m_map.cell < m_writer.px(kMarkCell)) {
            return;
        }
        const int begin = m_map.firstFrame() * m_map.placesOfFrame() - m_run.firstPlace;
        const int end = m_map.endFrame() * m_map.placesOfFrame() - m_run.firstPlace;
        for (int i = std::max(0, begin); i < std::min(end, static_cast<int>(m_run.places())); ++i) {
            for (int r = 0; r < m_map.recursions; ++r) {
                drawPatch(i, r);
            }
        }
    }

    void drawPatch(int index, int r) {
        const auto at = static_cast<std::size_t>(index);
        const bool leaves = trace::leavesAt(m_run, r, at);
        const bool kept = trace::isKept(m_run, r, at);
        const scene::Rect box = m_map.cellBox(index + m_run.firstPlace, r);
        const bool scored = showsScores() && trace::isConsidered(m_run, r, at) && (kept || leaves);
        if (leaves) {
            const float size = std::min(m_writer.px(4), m_map.cell * 0.4F);
            const float y = box.y + (scored ? m_writer.px(3) : (box.height - size) / 2);
            m_writer.out.fill({box.x + (box.width - size) / 2, y, size, size}, m_writer.theme.muted,
                              size / 2);
        }
        if (!scored) {
            return;
        }
        const double score = double{m_run.scores[static_cast<std::size_t>(r)][at]};
        const scene::Color ground = scene::scoreColor(
            m_writer.theme, static_cast<float>(trace::scoreRange(m_run).share(score)));
        const float line = m_writer.line(m_writer.small());
        m_writer.label({box.x, box.y + (box.height - line) / 2, box.width, line},
                       m_writer.service.number(score, 2), m_writer.small(),
                       kept ? inkOn(ground) : m_writer.theme.muted, scene::Align::Center);
    }

    /// The frame of patches that the cursor is at.
    [[nodiscard]] std::optional<int> litFrame() const {
        if (m_lit) {
            return trace::positionOf(m_map.layout, *m_lit + m_run.firstPlace).frame;
        }
        const bool shown = m_view.clip != nullptr && !m_view.clip->run.empty();
        if (m_cursor.frame && shown && trace::isClip(m_run)) {
            const std::int64_t frame = *m_cursor.frame / trace::patchFrames(m_run);
            return frame < m_map.layout.frames ? std::optional(static_cast<int>(frame))
                                               : std::nullopt;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string frameName(int frame) const {
        if (!trace::isClip(m_run)) {
            return m_writer.service.number(frame + 1, 0);
        }
        return frameNumbers(trace::framesOf(m_run, frame), m_writer.service);
    }

    void drawNumbers() {
        if (m_map.rulerY <= 0 || m_map.layout.frames == 1) {
            return;
        }
        const float line = m_writer.line(m_writer.small());
        const float pitch =
            static_cast<float>(m_map.axis.cell) * static_cast<float>(m_map.placesOfFrame());
        const float widest =
            m_writer.width(frameName(m_map.layout.frames - 1), m_writer.small()) + m_writer.px(6);
        const int every = std::max(1, static_cast<int>(std::ceil(widest / pitch)));
        const std::optional<int> lit = litFrame();
        for (int frame = m_map.firstFrame(); frame < m_map.endFrame(); ++frame) {
            const scene::Rect box = m_map.frameBox(frame, 0);
            if (lit == frame) {
                m_writer.out.fill({box.x, m_map.rulerY - m_writer.px(1), box.width, m_writer.px(2)},
                                  m_writer.theme.accent);
            }
            const bool named = lit ? std::abs(*lit - frame) % every == 0 : frame % every == 0;
            if (named) {
                const float middle = box.x + box.width / 2;
                const float width = std::max(widest, box.width);
                m_writer.label({middle - width / 2, m_map.rulerY + m_writer.px(1), width, line},
                               frameName(frame), m_writer.small(),
                               lit == frame ? m_writer.theme.text : m_writer.theme.muted,
                               scene::Align::Center);
            }
        }
    }

    // What was given and what is predicted, with a line between them.
    void drawSides() {
        if (m_map.sidesY <= 0) {
            return;
        }
        const int given = trace::givenFrames(m_run);
        const scene::Rect before = m_map.frameBox(given - 1, 0);
        const scene::Rect after = m_map.frameBox(given, 0);
        const float x = (before.right() + after.x) / 2;
        const float line = m_writer.line(m_writer.small());
        m_writer.out.line({x, m_map.plot.y}, {x, m_map.sidesY + line}, m_writer.theme.text,
                          m_writer.px(1));
        const float pad = m_writer.px(5);
        const float left = std::max(m_map.plot.x, m_map.frameBox(0, 0).x);
        m_writer.label({left, m_map.sidesY, x - pad - left, line}, m_writer.say("given"),
                       m_writer.small(), m_writer.theme.muted, scene::Align::Right);
        const float room = m_map.plot.x + m_map.axis.width - x - pad;
        m_writer.label({x + pad, m_map.sidesY, room, line}, m_writer.say("predicted"),
                       m_writer.small(), m_writer.theme.text);
    }

    // In every recursion, strongest in the one that is named.
    void outline(int place, float width) {
        for (int r = 0; r < m_map.recursions; ++r) {
            const scene::Rect box = m_map.cellBox(place + m_run.firstPlace, r);
            const float rim = m_writer.px(1);
            const bool named = m_cursor.recursion() == r && m_cursor.place() == place;
            m_writer.out.stroke(
                {box.x - rim, box.y - rim, box.width + 2 * rim, box.height + 2 * rim},
                m_writer.theme.accent, width + (named ? m_writer.px(1) : 0), m_writer.px(1));
        }
    }

    void drawCursor() {
        const std::optional<int> hover = m_cursor.hoverPlace;
        if (hover && *hover >= 0 && *hover < static_cast<int>(m_run.places()) &&
            hover != m_cursor.pinnedPlace) {
            outline(*hover, m_writer.px(1));
        }
        if (m_lit) {
            outline(*m_lit, m_writer.px(m_cursor.pinnedPlace ? 2 : 1));
        }
    }

    void addMosaics() {
        for (int frame = m_map.firstFrame(); frame < m_map.endFrame(); ++frame) {
            for (int r = 0; r < m_map.recursions; ++r) {
                m_writer.out.mosaic({m_map.frameBox(frame, r), m_map.layout.columns,
                                     m_map.layout.rows,
                                     frame * m_map.placesOfFrame() - m_run.firstPlace, r});
            }
        }
    }

    [[nodiscard]] std::string summaryText() const {
        const std::string state =
            isGhost() ? m_writer.say("Previous result; computing.") + ' ' : "";
        const std::string note = m_map.note.empty() ? "" : m_map.note + ' ';
        return fmt::format("{}{}{}", state, note, runSummary(m_run, m_writer.service));
    }

    SceneWriter m_writer;
    const trace::TraceView& m_view;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    FrameMap m_map;
    std::optional<int> m_lit;
    scene::Rect m_toggle; ///< of the button below; empty: none
};

/// One patch further in a direction, over the edges of frames and of recursions.
class Walk {
public:
    explicit Walk(const InputContext& context)
        : m_context(context)
        , m_run(*shownRun(context.view))
        , m_at(trace::positionOf(m_run.layout,
                                 cursorPlace(m_run, context.cursor).value_or(0) + m_run.firstPlace))
        , m_recursion(context.cursor.recursion()) {}

    /// Nothing where the key is none of the four, or there is nothing further.
    [[nodiscard]] std::optional<PinIntent> by(const KeyPress& press) {
        const bool starts = !cursorPlace(m_run, m_context.cursor);
        bool moved = false;
        switch (press.key) {
        case Key::Left:
        case Key::Right:
            moved = sideways(press.key == Key::Right ? 1 : -1, press.shift);
            break;
        case Key::Up:
        case Key::Down:
            moved = press.shift ? between(press.key == Key::Up ? 1 : -1)
                                : upwards(press.key == Key::Up ? 1 : -1);
            break;
        default:
            return std::nullopt;
        }
        return moved && !starts ? PinIntent{place(), m_recursion}
               : starts         ? PinIntent{0, m_recursion}
                                : PinIntent{m_context.cursor.place(), m_recursion};
    }

private:
    [[nodiscard]] int place() const {
        return (m_at.frame * m_run.layout.rows + m_at.row) * m_run.layout.columns + m_at.column -
               m_run.firstPlace;
    }

    bool sideways(int step, bool byFrame) {
        const trace::Layout& layout = m_run.layout;
        const int line = m_at.frame * layout.columns + m_at.column; // frames stand side by side
        const int next = line + step * (byFrame ? layout.columns : 1);
        if (next < 0 || next >= layout.frames * layout.columns) {
            return false;
        }
        m_at.frame = next / layout.columns;
        m_at.column = next % layout.columns;
        return true;
    }

    bool upwards(int step) {
        const int row = m_at.row - step;
        if (row >= 0 && row < m_run.layout.rows) {
            m_at.row = row;
            return true;
        }
        if (!m_recursion || !between(step)) {
            return false;
        }
        m_at.row = step > 0 ? m_run.layout.rows - 1 : 0;
        return true;
    }

    bool between(int step) {
        const int next = m_recursion ? *m_recursion + step : step > 0 ? 0 : m_run.recursions() - 1;
        if (next < 0 || next >= m_run.recursions()) {
            return false;
        }
        m_recursion = next;
        return true;
    }

    const InputContext& m_context;
    const trace::RunView& m_run;
    trace::PlacePosition m_at;
    std::optional<int> m_recursion;
};

} // namespace

scene::Scene drawDepthFrames(const trace::TraceView& view,
                             const ViewState& state,
                             const Cursor& cursor,
                             const Viewport& viewport) {
    return FramesDrawing(view, state, cursor, viewport).draw();
}

InputResponse respondOnFrames(const InputContext& context, const Input& input) {
    const trace::RunView& run = *shownRun(context.view);
    const FrameMap map = frameMap(context.state, run, context.viewport);
    InputContext framed = context;
    framed.axis = map.axis;
    const auto* press = std::get_if<KeyPress>(&input);
    const std::optional<PinIntent> pin = press != nullptr ? Walk(context).by(*press) : std::nullopt;
    if (!pin) {
        return respondTo(framed, input);
    }
    const int frame = trace::positionOf(run.layout, *pin->place + run.firstPlace).frame;
    InputResponse response{context.state, {*pin}, {}};
    for (const int edge : {(frame + 1) * map.placesOfFrame() - 1, frame * map.placesOfFrame()}) {
        PlaceAxis axis = frameMap(response.state, run, context.viewport).axis;
        response.state = revealed(response.state, axis, edge);
    }
    return response;
}

} // namespace depthscope::instruments
