// SPDX-License-Identifier: MIT
// Where the time goes: a lane for each recursion and for what is outside them, over time, as high
// as tokens were alive in it; below, what was saved of FLOPs and of time, and why the two differ.
#include "engine/base/text.h"
#include "widgets/instruments/choice_button.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/lane_rows.h"
#include "widgets/instruments/lanes_figures.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/time_axis.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kTextAction = "lanes.text";
constexpr const char* kTogetherAction = "lanes.together";
constexpr float kLeastLane = 10;
constexpr double kZoomStep = 1.25;

/// Boxes of the panel, and the axis that goes with them. Depends on view, state and viewport alone,
/// so that an input finds what was drawn.
struct Places {
    Places(const trace::TraceView& view, const ViewState& state, const Viewport& viewport)
        : shown(view, state)
        , writer(viewport)
        , frame(plotFrame(viewport))
        , axis(timeAxis(state, frame, shown.lanes().seconds)) {
        const float grid = writer.theme.grid;
        const float line = writer.line(writer.small());
        const float height = writer.bounds.height;
        const float least = writer.px(kLeastLane) *
                            static_cast<float>(std::max<std::size_t>(1, shown.order().size()));
        float top = std::min(grid / 2, height / 20);
        float bottom = height - std::min(grid, height / 20);
        if (bottom - top >= least + 3 * line) {
            head = {grid, top, writer.bounds.width - 2 * grid, line + writer.px(6)};
            top = head.bottom() + grid / 2;
        }
        saved = lanesSaved(view, shown, writer.service);
        const float width = writer.bounds.width - 2 * grid;
        const auto lines =
            static_cast<float>(wrapText(writer.service, saved.gap, writer.small(), width).size());
        const float wanted = writer.line(writer.ui()) + lines * line + grid;
        if (bottom - top >= least + line + wanted) {
            foot = {grid, bottom - wanted, width, wanted};
            bottom = foot.y;
        }
        if (bottom - top >= least + line) {
            rulerY = bottom - line - grid / 2;
            bottom = rulerY;
        }
        plot = {frame.left, top, frame.width, std::max(1.0F, bottom - top)};
    }

    ShownLanes shown;
    SceneWriter writer;
    PlotFrame frame;
    TimeAxis axis;
    LanesSaved saved;
    scene::Rect head{}, plot{}, foot{};
    float rulerY = 0;

    [[nodiscard]] LaneRows rows(bool isGhost = false) const {
        return {shown, frame, axis, plot, isGhost};
    }
};

class LanesDrawing {
public:
    LanesDrawing(const trace::TraceView& view,
                 const ViewState& state,
                 const Cursor& cursor,
                 const Viewport& viewport)
        : m_at(view, state, viewport)
        , m_writer(m_at.writer)
        , m_view(view)
        , m_cursor(cursor) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        m_at.rows(!m_at.shown.areTogether() && m_view.computing).draw(m_writer);
        drawCursor();
        if (m_at.rulerY > 0) {
            drawTimeRuler(m_writer, m_at.axis, m_at.rulerY);
        }
        if (m_at.head.height > 0) {
            drawHead();
        }
        if (m_at.foot.height > 0) {
            drawFoot();
        }
        m_writer.out.summary(summaryText());
        return m_writer.out.take();
    }

private:
    void drawHead() {
        scene::Rect room = m_at.head;
        const float right = room.right();
        const bool canChoose = m_view.lanes != nullptr && m_view.main != nullptr;
        const auto add = [&](const Choice& choice) {
            room.x = drawChoice(m_writer, room, choice);
            room.width = right - room.x;
        };
        if (canChoose && !m_writer.onPaper) {
            add({m_writer.say("together"), m_writer.say("The texts that were generated together"),
                 kTogetherAction, m_at.shown.areTogether()});
            add({m_writer.say("this text"), m_writer.say("The text on screen, alone"), kTextAction,
                 !m_at.shown.areTogether()});
            room.x += m_writer.theme.grid;
            room.width = right - room.x;
        }
        const float key = drawKey(room);
        m_writer.label({room.x, room.y, std::max(0.0F, room.width - key), room.height},
                       lanesHeadline(m_at.shown, m_writer.service), m_writer.ui(),
                       m_writer.theme.text);
    }

    /// At the right of the head; the width that it takes.
    float drawKey(scene::Rect room) {
        const trace::Lane lane{trace::LaneKind::Recursion, 1};
        const LaneColors colors =
            laneColors(m_writer.theme, lane, std::max(1, m_at.shown.lanes().recursions));

        struct Entry {
            std::string words;
            scene::Color color;
        };

        std::vector<Entry> entries{{m_writer.say("tokens"), colors.own}};
        if (m_at.shown.areTogether()) {
            entries.push_back({m_writer.say("others in the batch"), colors.others});
        }
        const float swatch = m_writer.px(10), gap = m_writer.theme.grid;
        float width = 0;
        for (const Entry& entry : entries) {
            width += swatch + gap / 2 + m_writer.width(entry.words, m_writer.small()) + 2 * gap;
        }
        if (width > room.width * 0.6F) {
            return 0;
        }
        float x = room.right() - width + 2 * gap;
        for (const Entry& entry : entries) {
            m_writer.out.fill({x, room.y + (room.height - swatch) / 2, swatch, swatch},
                              entry.color);
            x += swatch + gap / 2;
            const float words = m_writer.width(entry.words, m_writer.small()) + 1;
            m_writer.label({x, room.y, words, room.height}, entry.words, m_writer.small(),
                           m_writer.theme.muted);
            x += words - 1 + 2 * gap;
        }
        return width;
    }

    [[nodiscard]] std::string percentText(double value) const {
        return std::isfinite(value) ? scene::formatSigned(m_writer.service, value, 0) + " %"
                                    : std::string("\xE2\x80\x93");
    }

    /// "FLOPs -41 %   time -23 %, measured once each", and the sentences below.
    void drawFoot() {
        const float line = m_writer.line(m_writer.ui());
        scene::Rect room{m_at.foot.x, m_at.foot.y + m_writer.theme.grid / 2, m_at.foot.width, line};
        const auto add = [&](const std::string& words, const scene::TextStyle& style,
                             scene::Color color, float gap) {
            const float width = std::min(room.width, m_writer.width(words, style) + 1);
            m_writer.label({room.x, room.y, width, line}, words, style, color);
            room.x += width + gap;
            room.width = std::max(0.0F, m_at.foot.right() - room.x);
        };
        const scene::TextStyle strong{scene::FontFamily::Ui, m_writer.theme.fontSize,
                                      scene::FontWeight::Medium};
        const float grid = m_writer.theme.grid;
        if (m_at.shown.lanes().recursions > 1) {
            add(m_writer.say("FLOPs"), m_writer.ui(), m_writer.theme.muted, grid / 2);
            add(percentText(m_at.saved.flops), strong, m_writer.theme.text, 2 * grid);
            add(m_writer.say("time"), m_writer.ui(), m_writer.theme.muted, grid / 2);
            add(percentText(m_at.saved.time), strong, m_writer.theme.text, grid);
            const bool isTimed = std::isfinite(m_at.saved.time);
            add(isTimed ? m_at.saved.how : m_at.saved.timeWhy, m_writer.small(),
                m_writer.theme.muted, grid);
        }
        m_writer.paragraph(
            {m_at.foot.x, room.y + line, m_at.foot.width, m_at.foot.bottom() - room.y - line},
            m_at.saved.gap, m_writer.small(), m_writer.theme.muted);
    }

    void drawCursor() {
        const auto outline = [&](std::optional<int> place, float width) {
            const auto when = place ? m_at.shown.stretchOf(*place) : std::nullopt;
            if (!when) {
                return;
            }
            const float left = m_at.axis.x(when->from), right = m_at.axis.x(when->to);
            m_writer.out.stroke({left - m_writer.px(1), m_at.plot.y,
                                 std::max(m_writer.px(3), right - left + m_writer.px(2)),
                                 m_at.plot.height + m_writer.px(2)},
                                m_writer.theme.accent, width);
        };
        m_writer.out.pushClip({m_at.plot.x - m_writer.px(2), 0, m_at.plot.width + m_writer.px(4),
                               m_writer.bounds.height});
        if (m_cursor.hoverPlace != m_cursor.pinnedPlace) {
            outline(m_cursor.hoverPlace, m_writer.px(1));
        }
        outline(m_cursor.pinnedPlace, m_writer.px(2));
        m_writer.out.popClip();
    }

    [[nodiscard]] std::string summaryText() const {
        const scene::TextService& text = m_writer.service;
        std::string words = lanesHeadline(m_at.shown, text) + '.';
        for (const trace::Lane& lane : m_at.shown.order()) {
            const trace::LaneTotal total = m_at.shown.total(lane);
            words += fmt::format(" {}: {}.", laneName(lane, text),
                                 scene::formatMilliseconds(text, total.seconds * 1e3));
        }
        return words + ' ' +
               fill(text.translate("FLOPs %1, time %2. %3"),
                    {percentText(m_at.saved.flops), percentText(m_at.saved.time), m_at.saved.gap});
    }

    Places m_at;
    SceneWriter& m_writer;
    const trace::TraceView& m_view;
    const Cursor& m_cursor;
};

class LanesPanel final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.lanes"; }

    [[nodiscard]] const char* title() const override { return "LANES"; }

    [[nodiscard]] Traits traits() const override {
        return {
            .column = Column::Center, .height = {.share = 60, .least = 280}, .startsClosed = true};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        const std::string reason = whyEmpty(view, state, *viewport.text);
        return reason.empty() ? LanesDrawing(view, state, cursor, viewport).draw()
                              : drawReason(view, viewport, reason);
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        InputContext context{shown, *this};
        if (!whyEmpty(shown.view, shown.state, *shown.viewport.text).empty()) {
            context.contentHeight = 0.0F;
            return respondTo(context, input);
        }
        const Places at(shown.view, shown.state, shown.viewport);
        if (const auto* key = std::get_if<KeyPress>(&input)) {
            return onKey(context, *key, at);
        }
        context.axis = at.axis.parts;
        InputResponse response = respondTo(context, input);
        if (const auto* move = std::get_if<PointerMove>(&input); move && !shown.state.dragFrom) {
            hover(at, shown, move->at, response);
        } else if (const auto* release = std::get_if<PointerRelease>(&input)) {
            click(at, shown, *release, response);
        }
        return response;
    }

    [[nodiscard]] std::string
    tip(const trace::TraceView&, const scene::Hit& hit, const scene::TextService&) const override {
        return hit.tip;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        return lanesTable(ShownLanes(view, {}), text);
    }

    [[nodiscard]] AxisTitles axisTitles(const trace::TraceView& view,
                                        const scene::TextService& text) const override {
        return whyEmpty(view, {}, text).empty() ? AxisTitles{text.translate("time"), {}}
                                                : AxisTitles{};
    }

private:
    /// Empty: there are lanes to draw.
    static std::string
    whyEmpty(const trace::TraceView& view, const ViewState& state, const scene::TextService& text) {
        if (!ShownLanes(view, state).empty()) {
            return {};
        }
        if (view.main == nullptr) {
            return text.translate("Type or paste some text, or generate many texts together: when "
                                  "each recursion ran, and for how many tokens, appears here.");
        }
        return view.main->isText()
                   ? text.translate("This run has no times of its recursions: it was recorded by "
                                    "an older program, or its model does not run them one by one.")
                   : text.translate("Recursions of clips are not timed one by one.");
    }

    static scene::Scene
    drawReason(const trace::TraceView& view, const Viewport& viewport, const std::string& reason) {
        if (view.main == nullptr && view.lanes == nullptr) {
            return drawEmpty(view, viewport, reason);
        }
        SceneWriter writer(viewport);
        return writer.empty(reason);
    }

    /// + and - zoom in the middle; what moves the pin is as everywhere.
    static InputResponse onKey(InputContext& context, const KeyPress& press, const Places& at) {
        const PlaceAxis& axis = at.axis.parts;
        const float middle = axis.left + axis.width / 2;
        switch (press.key) {
        case Key::Plus:
            return {zoomed(context.state, axis, middle, kZoomStep), {}, {}};
        case Key::Minus:
            return {zoomed(context.state, axis, middle, 1 / kZoomStep), {}, {}};
        case Key::Fit:
            return {fitted(context.state), {}, {}};
        default:
            context.contentHeight = 0.0F; // its axis is not of places
            return respondTo(context, press);
        }
    }

    static std::optional<int> placeUnder(const Places& at, scene::Point point) {
        return at.plot.contains(point) ? at.shown.placeAt(at.axis.secondAt(point.x)) : std::nullopt;
    }

    static void
    hover(const Places& at, const Shown& shown, scene::Point point, InputResponse& response) {
        const auto lane = at.plot.contains(point) ? at.rows().laneAt(point) : std::nullopt;
        const HoverIntent now{placeUnder(at, point), lane && lane->recursion > 0
                                                         ? std::optional(lane->recursion - 1)
                                                         : std::nullopt};
        response.intents.clear();
        if (now.place != shown.cursor.hoverPlace ||
            (now.place && now.recursion != shown.cursor.hoverRecursion)) {
            response.intents.emplace_back(
                HoverIntent{now.place, now.place ? now.recursion : std::nullopt});
        }
        const trace::LaneSpan* span =
            lane ? spanAt(at.shown.lanes(), *lane, at.axis.secondAt(point.x),
                          2 * at.axis.secondsOfPixel())
                 : nullptr;
        if (span != nullptr) {
            response.tip = laneTip(shown.view, at.shown, *span, *shown.viewport.text);
        }
    }

    static void click(const Places& at,
                      const Shown& shown,
                      const PointerRelease& release,
                      InputResponse& response) {
        std::erase_if(response.intents, [&](const Intent& intent) {
            const auto* action = std::get_if<ActionIntent>(&intent);
            const bool isChoice = action != nullptr && (action->action == kTextAction ||
                                                        action->action == kTogetherAction);
            if (isChoice) {
                response.state = fitted(response.state);
                response.state.lanesOfText = action->action == kTextAction;
            }
            return isChoice;
        });
        const bool clicked = shown.state.dragFrom && !shown.state.dragging;
        const auto place =
            clicked && release.button == Button::Left ? placeUnder(at, release.at) : std::nullopt;
        if (place && place != shown.cursor.pinnedPlace) {
            const auto lane = at.rows().laneAt(release.at);
            response.intents.assign(1, PinIntent{place, lane && lane->recursion > 0
                                                            ? std::optional(lane->recursion - 1)
                                                            : std::nullopt});
        }
    }
};

} // namespace

std::unique_ptr<Instrument> makeLanesPanel() {
    return std::make_unique<LanesPanel>();
}

} // namespace depthscope::instruments
