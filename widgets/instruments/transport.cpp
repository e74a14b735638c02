// SPDX-License-Identifier: MIT
// The strip that walks along the tokens, or along the frames of the clip on screen: a ruler of the
// whole run or clip to scrub on, buttons, and where we are.
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/instruments/transport_frames.h"
#include "widgets/instruments/transport_steps.h"
#include "widgets/instruments/transport_strip.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace depthscope::instruments {

namespace {

std::array<TransportControl, 4> cursorControls(const trace::RunView& run,
                                               const scene::TextService& text) {
    if (trace::isClip(run)) {
        return {{{Glyph::First, "cursor.first", text.translate("First patch (Home)")},
                 {Glyph::Previous, "cursor.prev", text.translate("Previous patch (Left)")},
                 {Glyph::Next, "cursor.next", text.translate("Next patch (Right)")},
                 {Glyph::Last, "cursor.last", text.translate("Last patch (End)")}}};
    }
    if (!run.isText()) {
        return {{{Glyph::First, "cursor.first", text.translate("First place (Home)")},
                 {Glyph::Previous, "cursor.prev", text.translate("Previous place (Left)")},
                 {Glyph::Next, "cursor.next", text.translate("Next place (Right)")},
                 {Glyph::Last, "cursor.last", text.translate("Last place (End)")}}};
    }
    return {{{Glyph::First, "cursor.first", text.translate("First token (Home)")},
             {Glyph::Previous, "cursor.prev", text.translate("Previous token (Left)")},
             {Glyph::Next, "cursor.next", text.translate("Next token (Right)")},
             {Glyph::Last, "cursor.last", text.translate("Last token, follow live (End)")}}};
}

/// While a clip is on screen, its frames have the usual keys.
std::array<TransportControl, 2> stepControls(const scene::TextService& text, bool hasClip) {
    const char* before = hasClip ? "<" : ",";
    const char* after = hasClip ? ">" : ".";
    return {
        {{Glyph::Previous, "step.prev",
          fill(text.translate("Previous step of the run (%1)"), {before})},
         {Glyph::Next, "step.next", fill(text.translate("Next step of the run (%1)"), {after})}}};
}

/// Of places and frames: the upper one of two where the run denoises.
TransportStrip stripOf(const trace::TraceView& view, const Viewport& viewport) {
    return walksSteps(view) ? TransportStrip(viewport, 0) : TransportStrip(viewport);
}

class TransportDrawing {
public:
    TransportDrawing(const trace::TraceView& view,
                     const ViewState& state,
                     const Cursor& cursor,
                     const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_state(state)
        , m_cursor(cursor)
        , m_viewport(viewport)
        , m_run(*shownRun(view))
        , m_strip(stripOf(view, viewport)) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        drawTrack();
        float x = m_writer.theme.grid;
        for (const TransportControl& control : cursorControls(m_run, m_writer.service)) {
            drawTransportButton(m_writer, control,
                                {x, m_strip.buttonsY, m_strip.button, m_strip.button});
            x += m_strip.button;
        }
        if (m_strip.twoRows) {
            x += m_writer.theme.grid * 1.5F;
            drawWords(m_view.stepsOfMain > 1 && showsSteps() ? drawVisits(x) : x);
        }
        if (m_strip.words.width > 0) {
            m_writer.label(m_strip.words, placeText(), m_writer.ui(), m_writer.theme.text);
        }
        if (walksSteps(m_view)) {
            drawSteps(m_writer, m_viewport, m_view);
            m_writer.out.summary(placeText() + ' ' + recursionText() + ' ' +
                                 stepText(m_view, m_writer.service));
            return m_writer.out.take();
        }
        m_writer.out.summary(placeText() + ' ' + recursionText() + ' ' + followText());
        return m_writer.out.take();
    }

private:
    [[nodiscard]] int token() const {
        return cursorPlace(m_run, m_cursor).value_or(static_cast<int>(m_run.places()) - 1);
    }

    [[nodiscard]] std::string placeText() const {
        return fill(m_run.isText()         ? m_writer.say("token %1 / %2")
                    : trace::isClip(m_run) ? m_writer.say("patch %1 / %2")
                                           : m_writer.say("place %1 / %2"),
                    {m_writer.service.number(token() + 1, 0),
                     m_writer.service.number(static_cast<double>(m_run.places()), 0)});
    }

    // Of the cursor where it names one, else the depth that the token reached.
    [[nodiscard]] std::string recursionText() const {
        const int depth = m_run.depth[static_cast<std::size_t>(token())];
        const std::optional<int> named = m_cursor.recursion();
        if (!named && depth == 0) {
            return m_writer.say("exited at recursion 1");
        }
        return fill(m_writer.say("recursion %1"),
                    {m_writer.service.number(named ? *named + 1 : depth, 0)});
    }

    [[nodiscard]] std::string followText() const {
        return m_state.followLive ? m_writer.say("follow live: on")
                                  : m_writer.say("follow live: off");
    }

    void drawTrack() {
        const scene::Rect& track = m_strip.track;
        const float thick = m_writer.px(4);
        const float y = track.y + (track.height - thick) / 2;
        const std::size_t tokens = m_run.places();
        const float end =
            m_strip.x(static_cast<double>(std::min(m_run.promptPlaces, tokens)), tokens);
        m_writer.out.fill({track.x, y, track.width, thick}, m_writer.theme.hairline, thick / 2);
        if (m_run.promptPlaces < tokens) {
            const float gap = m_writer.px(1);
            m_writer.out.fill({end + gap, y, std::max(0.0F, track.right() - end - gap), thick},
                              m_writer.theme.muted, thick / 2);
        }
        drawWindow();
        const float x = m_strip.x(token() + 0.5, tokens);
        m_writer.out.line({x, track.y}, {x, track.bottom()}, m_writer.theme.accent, m_writer.px(2));
        scene::Hit hit;
        hit.rect = track;
        hit.kind = scene::HitKind::Body;
        hit.tip = m_run.isText()         ? m_writer.say("Drag to move along the tokens")
                  : trace::isClip(m_run) ? m_writer.say("Drag to move along the patches")
                                         : m_writer.say("Drag to move along the places");
        m_writer.out.hit(std::move(hit));
    }

    // The part that the zoomed panels show.
    void drawWindow() {
        const PlaceAxis axis = placeAxis(m_state, &m_run, m_viewport);
        if (axis.visible() >= axis.places) {
            return;
        }
        const float left = m_strip.x(axis.first, m_run.places());
        const float right = m_strip.x(axis.first + axis.visible(), m_run.places());
        m_writer.out.stroke({left, m_strip.track.y + m_writer.px(1), right - left,
                             m_strip.track.height - m_writer.px(2)},
                            m_writer.theme.muted, m_writer.px(1), m_writer.px(3));
    }

    /// The run visits the same places again and again, or an earlier step of it is looked at.
    [[nodiscard]] bool showsSteps() const {
        return m_run.places() == m_run.promptPlaces || m_run.costs.size() < m_view.stepsOfMain;
    }

    /// Which visit is looked at, and the way to the others; returns where it ends.
    float drawVisits(float x) {
        std::string words =
            fill(m_writer.say("step %1 / %2"),
                 {m_writer.service.number(static_cast<double>(m_run.costs.size()), 0),
                  m_writer.service.number(static_cast<double>(m_view.stepsOfMain), 0)});
        const double noise = m_run.latest->routing.noiseLevel;
        if (!std::isnan(noise)) {
            words +=
                fill(m_writer.say(", noise %1"), {scene::formatPercent(m_writer.service, noise)});
        }
        const float width = m_writer.width(words, m_writer.ui()) + 1;
        const float side = m_strip.button;
        const float end = x + 2 * side + width + m_writer.theme.grid * 2;
        if (end > m_writer.bounds.width) {
            return x;
        }
        const auto controls = stepControls(m_writer.service, m_cursor.frame.has_value());
        drawTransportButton(m_writer, controls[0], {x, m_strip.buttonsY, side, side});
        m_writer.label({x + side, m_strip.buttonsY, width, side}, words, m_writer.ui(),
                       m_writer.theme.text);
        drawTransportButton(m_writer, controls[1],
                            {x + side + width, m_strip.buttonsY, side, side});
        return end;
    }

    // What does not fit is left out, least needed first.
    void drawWords(float x) {
        const scene::Theme& theme = m_writer.theme;
        const float gap = theme.grid * 2;
        const float line = m_strip.button;
        const float right = m_writer.bounds.width - theme.grid;
        const std::string place = placeText();
        const float placeWidth = m_writer.width(place, m_writer.ui()) + 1;
        const std::string follow = m_writer.say("follow live");
        const float dot = m_writer.px(8);
        const float followWidth = dot + theme.grid + m_writer.width(follow, m_writer.ui()) + 1;
        const std::string recursion = recursionText();
        const float recursionWidth = m_writer.width(recursion, m_writer.ui()) + 1;

        m_writer.label({x, m_strip.buttonsY, std::min(placeWidth, right - x), line}, place,
                       m_writer.ui(), theme.text);
        x += placeWidth + gap;
        if (x + recursionWidth + gap + followWidth <= right) {
            m_writer.label({x, m_strip.buttonsY, recursionWidth, line}, recursion, m_writer.ui(),
                           theme.muted);
            x += recursionWidth + gap;
        }
        if (x + followWidth > right) {
            return;
        }
        const scene::Rect mark{x, m_strip.buttonsY + (line - dot) / 2, dot, dot};
        if (m_state.followLive) {
            m_writer.out.fill(mark, theme.text, dot / 2);
        } else {
            m_writer.out.stroke(mark, theme.muted, m_writer.px(1.5F), dot / 2);
        }
        m_writer.label(
            {x + dot + theme.grid, m_strip.buttonsY, followWidth - dot - theme.grid, line}, follow,
            m_writer.ui(), m_state.followLive ? theme.text : theme.muted);
        m_writer.out.hit({{x - theme.grid, m_strip.buttonsY, followWidth + 2 * theme.grid, line},
                          scene::HitKind::Button,
                          -1,
                          -1,
                          "view.follow",
                          m_writer.say("Keep the newest token in view")});
    }

    SceneWriter m_writer;
    const trace::TraceView& m_view;
    const ViewState& m_state;
    const Cursor& m_cursor;
    const Viewport& m_viewport;
    const trace::RunView& m_run;
    TransportStrip m_strip;
};

class Transport final : public Instrument {
public:
    [[nodiscard]] const char* id() const override { return "panel.transport"; }

    [[nodiscard]] const char* title() const override { return "TRANSPORT"; }

    [[nodiscard]] Traits traits() const override {
        return {.axis = Axis::Overview,
                .column = Column::Center,
                .height = {.fixed = 104},
                .followsFrames = true};
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport) const override {
        if (walksFrames(view, cursor)) {
            return drawOfFrames(view, cursor, viewport);
        }
        if (shownRun(view) == nullptr) {
            return drawEmpty(
                view, viewport,
                viewport.text->translate("Type or paste some text: step through its tokens here."));
        }
        return TransportDrawing(view, state, cursor, viewport).draw();
    }

    /// Pressing and dragging on a track moves the pin, the frame or the step; everywhere else the
    /// usual.
    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        const trace::RunView* run = shownRun(shown.view);
        const TransportStrip strip = stripOf(shown.view, shown.viewport);
        const InputContext context{shown, *this};
        if (walksSteps(shown.view)) {
            if (std::optional<InputResponse> response = respondOfSteps(context, input)) {
                return *response;
            }
        }
        if (walksFrames(shown.view, shown.cursor)) {
            return respondOfFrames(context, strip, input);
        }
        if (run == nullptr) {
            return respondTo(context, input);
        }
        const auto scrub = [&](scene::Point at) {
            InputResponse response{shown.state, {}, {}};
            const bool drags = shown.state.dragFrom && shown.state.dragging;
            response.state.dragFrom = scene::Point{at.x, drags ? shown.state.dragFrom->y : at.y};
            response.state.dragging = true; // the release is no click
            // The zoomed panels stay where following has brought them.
            if (shown.state.followLive) {
                response.state.firstPlace = placeAxis(shown.state, run, shown.viewport).first;
            }
            response.state.followLive = false;
            const int token = strip.placeAt(at.x, run->places());
            if (shown.cursor.pinnedPlace != token) {
                response.intents.emplace_back(PinIntent{token, shown.cursor.pinnedRecursion});
            }
            return response;
        };
        if (const auto* press = std::get_if<PointerPress>(&input)) {
            if (press->button == Button::Left && strip.track.contains(press->at)) {
                return scrub(press->at);
            }
        }
        if (const auto* move = std::get_if<PointerMove>(&input)) {
            if (shown.state.dragFrom && shown.state.dragging) {
                return scrub(move->at);
            }
            if (shown.state.dragFrom) {
                return {shown.state, {}, {}};
            }
        }
        return respondTo(context, input);
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        table.columns = {{text.translate("figure"), ""},
                         {text.translate("value"), ""},
                         {text.translate("unit"), ""}};
        const trace::RunView* run = shownRun(view);
        if (run != nullptr && trace::isClip(*run)) {
            const std::string patches = text.translate("patches");
            const auto given = static_cast<double>(trace::givenPlaces(*run));
            table.rows = {
                {text.translate("given"), given, patches},
                {text.translate("predicted"), static_cast<double>(run->places()) - given, patches}};
            for (const trace::StepPtr& step : trace::denoisingSteps(view)) {
                table.rows.push_back({fill(text.translate("noise level of step %1"),
                                           {text.number(step->step + 1.0, 0)}),
                                      step->routing.noiseLevel, ""});
            }
        } else if (run != nullptr) {
            const std::string tokens = text.translate("tokens");
            const auto all = static_cast<double>(run->places());
            const auto prompt = static_cast<double>(std::min(run->promptPlaces, run->places()));
            table.rows = {{text.translate("prompt"), prompt, tokens},
                          {text.translate("generated"), all - prompt, tokens}};
        }
        return table;
    }

private:
    [[nodiscard]] static scene::Scene
    drawOfFrames(const trace::TraceView& view, const Cursor& cursor, const Viewport& viewport) {
        SceneWriter writer(viewport);
        writer.out.hit({writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        std::string words = drawFrames(writer, stripOf(view, viewport), *view.clip, cursor);
        if (walksSteps(view)) {
            drawSteps(writer, viewport, view);
            words += ' ' + stepText(view, writer.service);
        }
        writer.out.summary(std::move(words));
        return writer.out.take();
    }
};

} // namespace

std::unique_ptr<Instrument> makeTransport() {
    return std::make_unique<Transport>();
}

} // namespace depthscope::instruments
