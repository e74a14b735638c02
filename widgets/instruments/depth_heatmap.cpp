// SPDX-License-Identifier: MIT
// The depth heat map: which token passed which recursion, and with what router score.
#include "engine/trace/statistics.h"
#include "widgets/instruments/column_labels.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/depth_frames.h"
#include "widgets/instruments/depth_key.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/ruler.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/step_grid.h"
#include "widgets/instruments/token_map.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace depthscope::instruments {

namespace {

constexpr float kGhost = 0.35F;
constexpr float kNumberCell = 34; // pixels from which a cell holds its score
constexpr float kMarkCell = 3.5F; // and a mark where a token left
constexpr float kLeastRow = 14;   // for words below the rows
constexpr float kMostRow = 72;

class DepthDrawing {
public:
    DepthDrawing(const trace::TraceView& view,
                 const ViewState& state,
                 const Cursor& cursor,
                 const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_cursor(cursor)
        , m_run(*shownRun(view))
        , m_frame(plotFrame(viewport))
        , m_axis(placeAxis(state, &m_run, viewport))
        , m_range(trace::scoreRange(m_run)) {
        layOut();
    }

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        drawNote();
        drawRowLabels();
        m_writer.out.pushClip(clipRect());
        drawCells();
        if (!isGhost()) {
            drawMarks();
            drawNumbers();
        }
        drawCursor();
        m_writer.out.popClip();
        m_map.drawWords(*m_words, m_wordsY);
        if (m_rulerY > 0) {
            drawRuler(m_writer, m_axis, m_run, m_rulerY);
        }
        drawPromptEnd(m_writer, m_axis, m_run,
                      {m_map.plot.y, m_rulerY > 0 ? m_rulerY : m_map.plot.bottom()});
        drawScoreKey(m_writer, m_frame, m_run);
        m_writer.out.grid(
            {m_map.plot, m_axis.x(0), static_cast<float>(m_axis.cell), m_axis.places, rows()});
        m_writer.out.summary(summaryText());
        return m_writer.out.take();
    }

private:
    [[nodiscard]] int rows() const { return m_run.recursions(); }

    [[nodiscard]] float rowHeight() const { return m_map.rowHeight(); }

    [[nodiscard]] float rowTop(int recursion) const { return m_map.rowTop(recursion); }

    // While a newer pass runs, what is known is that of before.
    [[nodiscard]] bool isGhost() const { return m_view.computing; }

    void layOut() {
        const scene::Theme& theme = m_writer.theme;
        const float height = m_writer.bounds.height;
        const float small = m_writer.line(m_writer.small());
        const float noteWidth = m_writer.bounds.width - theme.grid * 4;
        float top = std::min(theme.grid, height / 10);
        float bottom = height - std::min(theme.grid / 2, height / 20);
        const bool ruler = bottom - small - top >= m_writer.px(8) * static_cast<float>(rows());
        if (ruler && height >= m_writer.px(56)) {
            m_rulerY = bottom - small;
            bottom = m_rulerY;
        }
        m_words.emplace(m_writer, m_run, m_axis,
                        bottom - top - m_writer.px(kLeastRow) * static_cast<float>(rows()));
        if (m_words->height() > 0) {
            m_wordsY = bottom - m_words->height();
            bottom = m_wordsY - m_writer.px(2);
        }
        const float most = m_writer.px(kMostRow) * static_cast<float>(rows());
        m_note = noRouterReason(m_run, m_writer.service);
        if (!m_note.empty()) {
            const auto lines = wrapText(m_writer.service, m_note, m_writer.ui(), noteWidth);
            const float noteHeight =
                m_writer.line(m_writer.ui()) * static_cast<float>(lines.size()) + theme.grid;
            if (bottom - top - noteHeight >= m_writer.px(12)) {
                top += noteHeight;
                m_noteBox = {theme.grid * 2, std::max(top, bottom - most) - noteHeight, noteWidth,
                             noteHeight};
            }
        }
        const float plotHeight = std::min(bottom - top, most);
        m_map.plot = {m_axis.left, bottom - plotHeight, m_axis.dataWidth(), plotHeight};
    }

    // The cursor's frame stands a little outside the cells.
    [[nodiscard]] scene::Rect clipRect() const {
        const float rim = m_writer.px(2);
        return {m_map.plot.x - rim, 0, m_map.plot.width + 2 * rim, m_writer.bounds.height};
    }

    void drawNote() {
        if (m_noteBox.height > 0) {
            m_writer.paragraph(m_noteBox, m_note, m_writer.ui(), m_writer.theme.muted);
        }
    }

    void drawRowLabels() {
        const std::string pattern = rows() == 1    ? m_writer.say("all layers")
                                    : m_frame.wide ? m_writer.say("recursion %1")
                                                   : m_writer.say("rec. %1");
        m_map.drawRowLabels(pattern, [this](int) { return m_writer.theme.muted; });
    }

    void drawCells() {
        m_writer.out.pushClip(m_map.plot);
        const bool before = m_view.previous != nullptr && m_view.previous->recursions() == rows();
        const trace::RunView& run = isGhost() && before ? *m_view.previous : m_run;
        m_map.drawTiles(depthTiles({&run, &m_writer.theme, m_axis.firstVisible(),
                                    m_axis.endVisible(), m_axis.cell, isGhost() ? kGhost : 1}));
        m_map.drawGaps();
        m_writer.out.popClip();
    }

    // A dot where the token left: the second sign beside the colour.
    void drawMarks() {
        if (m_axis.cell < double{m_writer.px(kMarkCell)} || showsNumbers()) {
            return;
        }
        const float most = static_cast<float>(m_axis.cell) * 0.5F;
        const float size = std::min({m_writer.px(4), most, rowHeight() * 0.5F});
        for (int t = m_axis.firstVisible(); t < m_axis.endVisible(); ++t) {
            const int r = m_run.depth[static_cast<std::size_t>(t)];
            if (r < rows() && trace::leavesAt(m_run, r, static_cast<std::size_t>(t))) {
                const float x = m_axis.x(t + 0.5) - size / 2;
                const float y = rowTop(r) + (rowHeight() - size) / 2;
                m_writer.out.fill({x, y, size, size}, m_writer.theme.muted, size / 2);
            }
        }
    }

    [[nodiscard]] bool showsNumbers() const {
        return hasRouter(m_run) && m_axis.cell >= double{m_writer.px(kNumberCell)} &&
               rowHeight() >= m_writer.line(m_writer.small()) + m_writer.px(4);
    }

    void drawNumbers() {
        if (!showsNumbers()) {
            return;
        }
        const float line = m_writer.line(m_writer.small());
        for (int t = m_axis.firstVisible(); t < m_axis.endVisible(); ++t) {
            for (int r = 0; r < rows(); ++r) {
                const auto token = static_cast<std::size_t>(t);
                const bool kept = trace::isKept(m_run, r, token);
                if (!trace::isConsidered(m_run, r, token) ||
                    (!kept && !trace::leavesAt(m_run, r, token))) {
                    continue;
                }
                const double score = double{m_run.scores[static_cast<std::size_t>(r)][token]};
                const float x = m_axis.x(t);
                const auto width = static_cast<float>(m_axis.cell);
                const float y = rowTop(r) + (rowHeight() - line) / 2;
                const scene::Color ground =
                    scene::scoreColor(m_writer.theme, static_cast<float>(m_range.share(score)));
                m_writer.label({x, y, width, line}, scoreText(m_range, score, 2, m_writer.service),
                               m_writer.small(), kept ? inkOn(ground) : m_writer.theme.muted,
                               scene::Align::Center);
                if (!kept) {
                    const float size = m_writer.px(4);
                    m_writer.out.fill({x + (width - size) / 2, y - size, size, size},
                                      m_writer.theme.muted, size / 2);
                }
            }
        }
    }

    void drawCursor() {
        m_map.drawCursorColumns();
        const std::optional<int> token = cursorPlace(m_run, m_cursor);
        if (!token) {
            return;
        }
        const std::optional<int> recursion = m_cursor.recursion();
        if (recursion && *recursion >= 0 && *recursion < rows()) {
            const float y = rowTop(*recursion);
            for (const float edge : {y, y + rowHeight()}) {
                m_writer.out.line({m_axis.x(*token), edge}, {m_axis.x(*token + 1), edge},
                                  m_writer.theme.accent, m_writer.px(2));
            }
        }
    }

    [[nodiscard]] std::string summaryText() const {
        const std::string state =
            isGhost() ? m_writer.say("Previous result; computing.") + ' ' : "";
        return state + (m_note.empty() ? "" : m_note + ' ') + runSummary(m_run, m_writer.service);
    }

    SceneWriter m_writer;
    const trace::TraceView& m_view;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    PlotFrame m_frame;
    PlaceAxis m_axis;
    trace::ScoreRange m_range;
    TokenMap m_map{m_writer, m_run, m_cursor, m_frame, m_axis, {}, rows()};
    scene::Rect m_noteBox;
    std::string m_note;
    float m_rulerY = 0;
    std::optional<ColumnLabels> m_words;
    float m_wordsY = 0;
};

class DepthHeatmap final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.depth"; }

    [[nodiscard]] const char* title() const override { return "DEPTH"; }

    [[nodiscard]] Traits traits() const override {
        return {.axis = Axis::Places,
                .column = Column::Center,
                .height = {.share = 43},
                .followsFrames = true};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        if (shownRun(view) == nullptr) {
            return drawEmpty(
                view, viewport,
                viewport.text->translate(
                    "Type or paste some text: each token appears here with its recursion depth."));
        }
        if (!shownRun(view)->layout.isGrid()) {
            return DepthDrawing(view, state, cursor, viewport).draw();
        }
        return showsStepGrid(view, state) ? drawStepGrid(view, cursor, viewport)
                                          : drawDepthFrames(view, state, cursor, viewport);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        const InputContext context{shown, *this};
        const trace::RunView* run = shownRun(shown.view);
        if (run == nullptr || !run->layout.isGrid()) {
            return respondTo(context, input);
        }
        if (std::optional<InputResponse> response = respondOnStepToggle(context, input)) {
            return *response;
        }
        return showsStepGrid(shown.view, shown.state) ? respondOnStepGrid(context, input)
                                                      : respondOnFrames(context, input);
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        Table table;
        table.columns = placeColumns(run, text);
        table.columns.push_back({text.translate("depth"), text.translate("recursions")});
        const int recursions = run == nullptr ? 0 : run->recursions();
        for (int r = 0; r < recursions; ++r) {
            table.columns.push_back(
                {fill("%1 %2", {scoreName(*run, text), text.number(r + 1, 0)}), ""});
        }
        for (std::size_t t = 0; run != nullptr && t < run->places(); ++t) {
            std::vector<Table::Cell> row = placeCells(*run, t, text);
            row.emplace_back(static_cast<double>(run->depth[t]));
            for (int r = 0; r < recursions; ++r) {
                row.push_back(numberCell(double{run->scores[static_cast<std::size_t>(r)][t]}));
            }
            table.rows.push_back(std::move(row));
        }
        return table;
    }

    /// The rows are labelled each by itself, and so are the frames of a grid.
    [[nodiscard]] AxisTitles axisTitles(const trace::TraceView& view,
                                        const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        return run == nullptr || run->layout.isGrid() ? AxisTitles{}
                                                      : AxisTitles{text.translate("token"), {}};
    }
};

} // namespace

std::unique_ptr<Instrument> makeDepthHeatmap() {
    return std::make_unique<DepthHeatmap>();
}

} // namespace depthscope::instruments
