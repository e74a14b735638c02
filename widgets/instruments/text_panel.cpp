// SPDX-License-Identifier: MIT
// The text itself, each piece shaded by the depth it was given.
#include "engine/trace/statistics.h"
#include "widgets/instruments/glossary.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/piece_text.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/text_layout.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kGhost = 0.35F;

/// Where legend and text stand, and how the text breaks. Shared by drawing and scrolling.
struct TextPage {
    TextPage(const trace::RunView& run, const Viewport& viewport) {
        const SceneWriter writer(viewport);
        const float height = viewport.bounds.height;
        const float legend = writer.line(writer.small()) + writer.theme.grid;
        lineHeight = std::ceil(writer.theme.fontSize * 1.75F);
        const float margin = std::min(writer.theme.grid * 1.5F, viewport.bounds.width / 10);
        const float top = std::min(writer.theme.grid / 2, height / 20);
        legendBox = {margin, top, viewport.bounds.width - 2 * margin, 0};
        if (height >= legend + 2 * lineHeight) {
            legendBox.height = legend;
        }
        const float textTop = top + legendBox.height;
        // The scroll bar has the right margin.
        box = {margin, textTop, legendBox.width, std::max(1.0F, height - textTop)};
        layout = layOutText(run, *viewport.text, writer.mono(), box.width);
        contentHeight = lineHeight * static_cast<float>(layout.lines.size()) + writer.theme.grid;
    }

    scene::Rect legendBox;
    scene::Rect box;
    float lineHeight = 0;
    float contentHeight = 0;
    TextLayout layout;
};

// Following makes sense while text is being written; a prompt is read from its start.
double scrollOf(const ViewState& state, const trace::RunView& run, const TextPage& page) {
    const bool follows = state.followLive && run.places() > run.promptPlaces;
    return clampedScroll(follows ? double{page.contentHeight} : state.scrollY, page.contentHeight,
                         page.box.height);
}

class TextDrawing {
public:
    TextDrawing(const trace::TraceView& view,
                const ViewState& state,
                const Cursor& cursor,
                const Viewport& viewport)
        : m_writer(viewport)
        , m_cursor(cursor)
        , m_run(*shownRun(view))
        , m_page(m_run, viewport)
        , m_scroll(scrollOf(state, m_run, m_page))
        , m_ghost(view.computing) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        drawLegend();
        m_writer.out.pushClip({0, m_page.box.y, m_writer.bounds.width, m_page.box.height});
        const auto first = static_cast<std::size_t>(m_scroll / double{m_page.lineHeight});
        for (std::size_t l = first; l < m_page.layout.lines.size(); ++l) {
            const float y = m_page.box.y + m_page.lineHeight * static_cast<float>(l) -
                            static_cast<float>(m_scroll);
            if (y >= m_page.box.bottom()) {
                break;
            }
            drawLine(m_page.layout.lines[l], y);
        }
        drawScrollBar();
        m_writer.out.popClip();
        const std::string reason = noRouterReason(m_run, m_writer.service);
        m_writer.out.summary((reason.empty() ? "" : reason + ' ') +
                             runSummary(m_run, m_writer.service));
        return m_writer.out.take();
    }

private:
    // Depth 0 has the tone that the heat map gives to a token that left.
    [[nodiscard]] scene::Color shade(int depth) const {
        const scene::Color full = hasRouter(m_run)
                                      ? scene::depthColor(m_writer.theme, depth, m_run.recursions())
                                      : m_writer.theme.absent;
        return m_ghost ? scene::mix(full, m_writer.theme.surface, kGhost) : full;
    }

    void drawLegend() {
        scene::Rect box = m_page.legendBox;
        if (box.height <= 0) {
            return;
        }
        const scene::Theme& theme = m_writer.theme;
        const float line = m_writer.line(m_writer.small());
        const std::string reason = noRouterReason(m_run, m_writer.service);
        if (!reason.empty()) {
            m_writer.label({box.x, box.y, box.width, line}, reason, m_writer.small(), theme.muted);
            return;
        }
        const std::string title = m_writer.say("recursion depth");
        const float titleWidth = m_writer.width(title, m_writer.small());
        const std::string generated = m_writer.say("generated");
        const bool dropped =
            std::find(m_run.depth.begin(), m_run.depth.end(), 0) != m_run.depth.end();
        const int least = dropped ? 0 : 1;
        const auto steps = static_cast<float>(m_run.recursions() + 1 - least);
        const float swatch = std::min(line * 1.25F, box.width / 2 / steps);
        float x = box.x;
        if (titleWidth + swatch * steps + theme.grid <= box.width) {
            m_writer.label({x, box.y, titleWidth + 1, line}, title, m_writer.small(), theme.muted);
            x += titleWidth + theme.grid;
        }
        for (int depth = least; depth <= m_run.recursions(); ++depth) {
            const scene::Rect cell{x, box.y, swatch - m_writer.px(1), line};
            m_writer.out.fill(cell, shade(depth), m_writer.px(2));
            const std::string number = m_writer.service.number(depth, 0);
            if (m_writer.width(number, m_writer.small()) <= cell.width) {
                m_writer.label(cell, number, m_writer.small(), inkOn(shade(depth)),
                               scene::Align::Center);
            }
            x += swatch;
        }
        m_writer.out.hit({{box.x, box.y, x - box.x, line},
                          scene::HitKind::Body,
                          -1,
                          -1,
                          {},
                          explained("depth", m_writer.service)});
        x += 2 * theme.grid;
        const float markWidth = m_writer.width(generated, m_writer.small()) + 1;
        if (m_run.places() > m_run.promptPlaces && x + markWidth <= box.right()) {
            m_writer.label({x, box.y, markWidth, line}, generated, m_writer.small(), theme.muted);
            underline({x, box.y, markWidth, line});
        }
    }

    void underline(scene::Rect box) {
        const float y = box.bottom() - m_writer.px(0.5F);
        m_writer.out.line({box.x, y}, {box.right(), y}, m_writer.theme.text, m_writer.px(1));
    }

    void drawLine(const TextLine& line, float y) {
        for (int t = line.begin; t < line.end; ++t) {
            drawPiece(t, y);
        }
        // Frames last, so that no neighbour covers them.
        for (int t = line.begin; t < line.end; ++t) {
            const bool pinned = m_cursor.pinnedPlace == t;
            if (pinned || m_cursor.hoverPlace == t) {
                const float rim = m_writer.px(2);
                const scene::Rect box = pieceBox(t, y);
                m_writer.out.stroke(
                    {box.x - rim, box.y - rim, box.width + 2 * rim, box.height + 2 * rim},
                    m_writer.theme.accent, m_writer.px(pinned ? 2 : 1), m_writer.px(3));
            }
        }
    }

    [[nodiscard]] scene::Rect pieceBox(int token, float y) const {
        const PlacedPiece& piece = m_page.layout.pieces[static_cast<std::size_t>(token)];
        const float gap = m_writer.px(4);
        return {m_page.box.x + piece.x, y + gap / 2, std::max(1.0F, piece.width - m_writer.px(1)),
                m_page.lineHeight - gap};
    }

    void drawPiece(int token, float y) {
        const auto t = static_cast<std::size_t>(token);
        const scene::Rect box = pieceBox(token, y);
        const scene::Color ground = shade(m_run.depth[t]);
        m_writer.out.fill(box, ground, m_writer.px(2));
        const std::string shown = inlineText(m_run, t, m_writer.service);
        if (shown.find_first_not_of(' ') != std::string::npos) {
            // One pixel of the advance is the gap, so the text may be that much wider than its
            // ground.
            m_writer.label({box.x, box.y, box.width + m_writer.px(1) + 0.5F, box.height}, shown,
                           m_writer.mono(), inkOn(ground));
        }
        if (t >= m_run.promptPlaces) {
            underline({box.x, box.y, box.width, box.height + m_writer.px(1.5F)});
        }
        scene::Hit hit;
        hit.rect = {box.x, y, box.width + m_writer.px(1), m_page.lineHeight};
        hit.kind = scene::HitKind::Cell;
        hit.column = token;
        m_writer.out.hit(std::move(hit));
    }

    void drawScrollBar() {
        const float height = m_page.box.height;
        if (m_page.contentHeight <= height) {
            return;
        }
        const float length = std::max(m_writer.px(16), height * height / m_page.contentHeight);
        const auto share =
            static_cast<float>(m_scroll / (double{m_page.contentHeight} - double{height}));
        m_writer.out.fill({m_writer.bounds.width - m_writer.px(5),
                           m_page.box.y + share * (height - length), m_writer.px(3), length},
                          m_writer.theme.hairline, m_writer.px(1.5F));
    }

    SceneWriter m_writer;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    TextPage m_page;
    double m_scroll;
    bool m_ghost;
};

class TextPanel final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.text"; }

    [[nodiscard]] const char* title() const override { return "TEXT"; }

    [[nodiscard]] Traits traits() const override {
        return {.column = Column::Center,
                .height = {.share = 29},
                .isFor = [](const spec::ModelInfo& model) { return !model.clip; }};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        if (shownRun(view) == nullptr) {
            return drawEmpty(
                view, viewport,
                viewport.text->translate(
                    "Type or paste some text: it appears here, each token shaded by its depth."));
        }
        if (!shownRun(view)->isText()) {
            return SceneWriter(viewport).empty(viewport.text->translate("This run has no text."));
        }
        return TextDrawing(view, state, cursor, viewport).draw();
    }

    [[nodiscard]] float contentHeight(const trace::TraceView& view,
                                      const Cursor&,
                                      const Viewport& viewport) const override {
        const trace::RunView* run = shownRun(view);
        if (run == nullptr || !run->isText()) {
            return 0;
        }
        Viewport tall = viewport;
        tall.bounds.height = 400 * viewport.theme->zoom; // the legend has room
        const TextPage page(*run, tall);
        return std::max(page.box.y + page.contentHeight,
                        page.legendBox.height + 2 * page.lineHeight);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        ViewState state = shown.state;
        InputContext context{
            {shown.view, state, shown.cursor, shown.scene, shown.viewport}, *this, 0.0F};
        const trace::RunView* run = shownRun(shown.view);
        if (run == nullptr || !run->isText()) {
            return respondTo(context, input);
        }
        const TextPage page(*run, shown.viewport);
        state.scrollY = scrollOf(shown.state, *run, page);
        context.contentHeight = page.contentHeight;
        context.windowHeight = page.box.height;
        InputResponse response = respondTo(context, input);
        if (std::holds_alternative<KeyPress>(input)) {
            reveal(response, page);
        }
        return response;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        const trace::RunView* run = shownRun(view);
        Table table;
        table.columns = placeColumns(run, text);
        table.columns.insert(table.columns.end(),
                             {{text.translate("depth"), text.translate("recursions")},
                              {text.translate("loss"), "nats"},
                              {text.translate("generated"), ""}});
        for (std::size_t t = 0; run != nullptr && t < run->ids.size(); ++t) {
            std::vector<Table::Cell> row = placeCells(*run, t, text);
            row.insert(row.end(),
                       {static_cast<double>(run->depth[t]), numberCell(double{run->nll[t]}),
                        t < run->promptPlaces ? 0.0 : 1.0});
            table.rows.push_back(std::move(row));
        }
        return table;
    }

private:
    // A pin moved by keys stays in sight.
    static void reveal(InputResponse& response, const TextPage& page) {
        for (const Intent& intent : response.intents) {
            const auto* pin = std::get_if<PinIntent>(&intent);
            if (pin == nullptr || !pin->place) {
                continue;
            }
            const double top = double{page.lineHeight} * page.layout.lineOf(*pin->place);
            const double lowest = top + double{page.lineHeight} - double{page.box.height};
            const double now = response.state.scrollY;
            const double next = top < now ? top : std::max(now, lowest);
            response.state.scrollY = clampedScroll(next, page.contentHeight, page.box.height);
            const double end = double{page.contentHeight} - double{page.box.height};
            response.state.followLive = response.state.scrollY >= end - double{page.lineHeight};
        }
    }
};

} // namespace

std::unique_ptr<Instrument> makeTextPanel() {
    return std::make_unique<TextPanel>();
}

} // namespace depthscope::instruments
