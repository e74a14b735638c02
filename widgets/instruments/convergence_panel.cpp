// SPDX-License-Identifier: MIT
// How the states of each token settle from recursion to recursion, and what would be answered after
// each: a map of one quantity, and below it where exit rules would stop, or one token's curve or
// path.
#include "widgets/instruments/column_labels.h"
#include "widgets/instruments/convergence_choices.h"
#include "widgets/instruments/convergence_part.h"
#include "widgets/instruments/convergence_text.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/depth_key.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/ruler.h"
#include "widgets/instruments/token_map.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace depthscope::instruments {

using trace::Convergence;
using trace::Quantity;

namespace {

constexpr float kGhost = 0.35F;
constexpr float kLeastRow = 8;
constexpr float kThinRow = 4; // where something stands below the map
constexpr float kMostRow = 40;
constexpr float kNumberCell = 40; // pixels from which a cell holds its value

class ConvergenceDrawing {
public:
    ConvergenceDrawing(const trace::TraceView& view,
                       const ViewState& state,
                       const Cursor& cursor,
                       const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_state(state)
        , m_cursor(cursor)
        , m_run(*view.main)
        , m_made(*view.convergence)
        , m_frame(plotFrame(viewport))
        , m_axis(placeAxis(state, &m_run, viewport))
        , m_range(quantityRange(m_made, state.quantity)) {
        layOut();
    }

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        drawRowLabels();
        m_writer.out.pushClip({m_map.plot.x - m_writer.px(2), 0, m_map.plot.width + m_writer.px(4),
                               m_writer.bounds.height});
        drawCells();
        drawOutside();
        drawNumbers();
        drawLimit();
        m_map.drawCursorColumns();
        m_writer.out.popClip();
        m_map.drawWords(*m_words, m_wordsY);
        if (m_rulerY > 0) {
            drawRuler(m_writer, m_axis, m_run, m_rulerY);
        }
        drawPromptEnd(m_writer, m_axis, m_run, {m_map.plot.y, m_map.plot.bottom()});
        if (m_partBox.height > 0) {
            drawPart(m_writer, partContext(m_partBox));
        }
        drawKey();
        if (m_choices.height > 0) {
            drawConvergenceChoices(m_writer, {m_choices, m_partBox.height > 0}, m_state);
        }
        m_writer.out.grid(
            {m_map.plot, m_axis.x(0), static_cast<float>(m_axis.cell), m_axis.places, rows()});
        m_writer.out.summary(summaryText());
        return m_writer.out.take();
    }

private:
    [[nodiscard]] int rows() const { return m_made.recursions; }

    [[nodiscard]] float rowHeight() const { return m_map.rowHeight(); }

    [[nodiscard]] float rowTop(int recursion) const { return m_map.rowTop(recursion); }

    [[nodiscard]] std::string number(int value) const { return m_writer.service.number(value, 0); }

    [[nodiscard]] PartContext partContext(scene::Rect box) const {
        return {m_view, m_state, m_cursor, m_frame, m_axis, box};
    }

    void layOut() {
        const scene::Theme& theme = m_writer.theme;
        const float height = m_writer.bounds.height;
        const float line = m_writer.line(m_writer.small());
        const auto count = static_cast<float>(rows());
        const float least = m_writer.px(kLeastRow) * count;
        float top = std::min(theme.grid / 2, height / 20);
        if (height >= 3 * line + least) {
            m_choices = {theme.grid, top, m_frame.left + m_frame.width - theme.grid,
                         line + m_writer.px(6)};
            top = m_choices.bottom() + theme.grid / 2;
        }
        float bottom = height - std::min(theme.grid / 2, height / 20);
        const float wanted = partHeight(m_writer, partContext({}));
        if (bottom - top >= wanted + line + m_writer.px(kThinRow) * count + theme.grid) {
            m_partBox = {0, bottom - wanted, m_writer.bounds.width, wanted};
            bottom -= wanted + theme.grid / 2;
        }
        if (bottom - line - top >= least) {
            m_rulerY = bottom - line;
            bottom = m_rulerY;
        }
        m_words.emplace(m_writer, m_run, m_axis, bottom - top - 2 * least);
        if (m_words->height() > 0) {
            m_wordsY = bottom - m_words->height();
            bottom = m_wordsY - m_writer.px(2);
        }
        const float plotHeight = std::min(bottom - top, m_writer.px(kMostRow) * count);
        m_map.plot = {m_axis.left, bottom - plotHeight, m_axis.dataWidth(), plotHeight};
        // What does not fill the panel stands together at its top.
        shift(top - m_map.plot.y);
    }

    void shift(float by) {
        m_map.plot.y += by;
        m_rulerY += m_rulerY > 0 ? by : 0;
        m_wordsY += by;
        m_partBox.y += by;
    }

    void drawRowLabels() {
        m_map.drawRowLabels(
            m_frame.wide ? m_writer.say("recursion %1") : m_writer.say("rec. %1"), [this](int r) {
                return r < m_made.trained ? m_writer.theme.muted : m_writer.theme.warning;
            });
    }

    [[nodiscard]] double valueAt(int recursion, std::size_t token) const {
        return double{m_made.value(m_state.quantity, recursion, token)};
    }

    /// Nothing where the token did not run the recursion: it has stopped, not settled.
    [[nodiscard]] scene::Color colorAt(std::size_t recursion, std::size_t token) const {
        const double value = valueAt(static_cast<int>(recursion), token);
        return std::isnan(value)
                   ? scene::Color{0, 0, 0, 0}
                   : settlingColor(m_writer.theme, m_range.share(m_state.quantity, value));
    }

    void drawCells() {
        m_writer.out.pushClip(m_map.plot);
        m_map.drawTiles(
            cellTiles({m_axis.places, rows(),
                       [this](std::size_t row, std::size_t place) { return colorAt(row, place); }},
                      {m_axis.firstVisible(), m_axis.endVisible(), m_axis.cell,
                       isOld(m_view) ? kGhost : 1.0F}));
        m_map.drawGaps();
        m_writer.out.popClip();
    }

    /// Recursions beyond those of the training.
    void drawOutside() {
        if (rows() <= m_made.trained) {
            return;
        }
        const float bottom = rowTop(m_made.trained - 1);
        m_writer.out.hatch({m_map.plot.x, m_map.plot.y, m_map.plot.width, bottom - m_map.plot.y},
                           m_writer.withAlpha(m_writer.theme.warning, 0.35F), m_writer.px(6));
    }

    /// Where the tokens begin that are not looked at.
    void drawLimit() {
        const std::string words = limitText(m_made, m_writer.service);
        const float x = m_axis.x(static_cast<double>(m_made.tokens()));
        const float line = m_writer.line(m_writer.small());
        if (words.empty() || x >= m_map.plot.right()) {
            return;
        }
        const float left = std::max(x, m_map.plot.x) + m_writer.theme.grid / 2;
        m_writer.label(
            {left, m_map.plot.y + (m_map.plot.height - line) / 2, m_map.plot.right() - left, line},
            words, m_writer.small(), m_writer.theme.muted);
    }

    void drawNumbers() {
        const float line = m_writer.line(m_writer.small());
        if (m_axis.cell < double{m_writer.px(kNumberCell)} || rowHeight() < line + m_writer.px(2) ||
            isOld(m_view)) {
            return;
        }
        const int decimals = m_state.quantity == Quantity::Rank ? 0 : 2;
        for (int t = m_axis.firstVisible(); t < m_axis.endVisible(); ++t) {
            for (int r = 0; r < rows(); ++r) {
                const auto token = static_cast<std::size_t>(t);
                const double value = valueAt(r, token);
                if (std::isfinite(value)) {
                    m_writer.label({m_axis.x(t), rowTop(r) + (rowHeight() - line) / 2,
                                    static_cast<float>(m_axis.cell), line},
                                   m_writer.service.number(value, decimals), m_writer.small(),
                                   inkOn(colorAt(static_cast<std::size_t>(r), token)),
                                   scene::Align::Center);
                }
            }
        }
    }

    void drawKey() {
        const int decimals = m_state.quantity == Quantity::Rank ? 0 : 2;
        const auto at = [&](double share) {
            return m_writer.service.number(m_range.at(m_state.quantity, share), decimals);
        };
        drawMapKey(m_writer, m_frame,
                   {.title = m_writer.say(quantityName(m_state.quantity)),
                    .tip = m_writer.say(quantityMeaning(m_state.quantity)),
                    .numbers = {at(0), at(0.5), at(1)},
                    .colorAt = [this](float t) { return settlingColor(m_writer.theme, double{t}); },
                    .dots = false,
                    .bottom = m_partBox.height > 0 ? m_partBox.y : m_writer.bounds.height});
    }

    [[nodiscard]] std::string summaryText() const {
        double last = 0;
        for (const std::uint8_t fixed : m_made.fixedAt) {
            last += fixed;
        }
        const std::string limit = limitText(m_made, m_writer.service);
        return fill(m_writer.say("Tokens: %1, recursions: %2. Answers are fixed at recursion %3 on "
                                 "average."),
                    {number(static_cast<int>(m_made.tokens())), number(rows()),
                     m_writer.service.number(last / static_cast<double>(m_made.tokens()), 2)}) +
               (limit.empty() ? "" : ' ' + limit);
    }

    SceneWriter m_writer;
    const trace::TraceView& m_view;
    const ViewState& m_state;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    const Convergence& m_made;
    PlotFrame m_frame;
    PlaceAxis m_axis;
    QuantityRange m_range;
    TokenMap m_map{m_writer, m_run, m_cursor, m_frame, m_axis, {}, rows()};
    scene::Rect m_choices;
    scene::Rect m_partBox;
    float m_rulerY = 0;
    std::optional<ColumnLabels> m_words;
    float m_wordsY = 0;
};

class ConvergencePanel final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.convergence"; }

    [[nodiscard]] const char* title() const override { return "CONVERGENCE"; }

    [[nodiscard]] Traits traits() const override {
        return {.axis = Axis::Places,
                .column = Column::Center,
                .height = {.share = 60, .least = 280}, // the map and a row for each rule
                .startsClosed = true,
                .needsConvergence = true};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        if (view.main == nullptr) {
            return drawEmpty(view, viewport,
                             viewport.text->translate(
                                 "Type or paste some text: what would be answered after each "
                                 "recursion appears here."));
        }
        if (view.convergence == nullptr) {
            SceneWriter writer(viewport);
            return writer.empty(noConvergenceReason(view, *viewport.text));
        }
        return ConvergenceDrawing(view, state, cursor, viewport).draw();
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        InputResponse response = respondTo({shown, *this}, input);
        std::erase_if(response.intents, [&](const Intent& intent) {
            const auto* action = std::get_if<ActionIntent>(&intent);
            return action != nullptr && chooseConvergence(action->action, response.state);
        });
        return response;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        return convergenceTable(view, text);
    }

    [[nodiscard]] std::string tip(const trace::TraceView& view,
                                  const scene::Hit& hit,
                                  const scene::TextService& text) const override {
        const Convergence* made = view.convergence;
        if (made == nullptr || hit.column < 0 || hit.row < 0 || hit.row >= made->recursions ||
            hit.column >= static_cast<int>(made->tokens())) {
            return {};
        }
        return convergenceTip(view, hit.row, static_cast<std::size_t>(hit.column), text);
    }

    [[nodiscard]] AxisTitles axisTitles(const trace::TraceView& view,
                                        const scene::TextService& text) const override {
        return view.convergence == nullptr ? AxisTitles{} : AxisTitles{text.translate("token"), {}};
    }
};

} // namespace

std::unique_ptr<Instrument> makeConvergencePanel() {
    return std::make_unique<ConvergencePanel>();
}

} // namespace depthscope::instruments
