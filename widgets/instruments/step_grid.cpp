// SPDX-License-Identifier: MIT
#include "widgets/instruments/step_grid.h"

#include "engine/base/text.h"
#include "engine/trace/clip_run.h"
#include "widgets/instruments/depth_key.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr const char* kToggle = "depth.by-step";
constexpr const char* kGoTo = "depth.go-to";
constexpr float kMostRow = 28; // pixels
constexpr float kMostColumn = 96;
constexpr float kLeastRow = 2;

class StepGrid {
public:
    StepGrid(const trace::TraceView& view, const Cursor& cursor, const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_cursor(cursor)
        , m_run(*shownRun(view))
        , m_steps(trace::denoisingSteps(view))
        , m_gutters(plotFrame(viewport)) {
        layOut();
    }

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        m_writer.out.pushClip({0, 0, m_plot.right() + m_writer.px(2), m_writer.bounds.height});
        for (int row = 0; row < m_rows; ++row) {
            drawRow(row);
        }
        drawFrames();
        m_writer.out.popClip();
        drawDepthKey(m_writer, m_gutters, m_run.recursions());
        drawStepToggle(m_writer, m_view, true);
        m_writer.out.summary(fill(m_writer.say("Mean depth of %1 frames of patches at %2 denoising "
                                               "steps."),
                                  {number(frames()), number(static_cast<int>(m_steps.size()))}));
        return m_writer.out.take();
    }

private:
    [[nodiscard]] int frames() const { return m_run.layout.frames; }

    [[nodiscard]] std::string number(int value) const { return m_writer.service.number(value, 0); }

    void layOut() {
        const float height = m_writer.bounds.height;
        const float small = m_writer.line(m_writer.small());
        const float top = std::min(m_writer.theme.grid, height / 10);
        const float bottom = height - std::min(m_writer.theme.grid / 2, height / 20) - small;
        const auto count = static_cast<float>(m_steps.size());
        const float room = std::max(kLeastRow, bottom - top);
        m_stride = std::max(1, static_cast<int>(std::ceil(count * kLeastRow / room)));
        m_rows = (static_cast<int>(m_steps.size()) + m_stride - 1) / m_stride;
        m_rowHeight = std::min(room / static_cast<float>(m_rows), m_writer.px(kMostRow));
        m_columnWidth =
            std::min(m_gutters.width / static_cast<float>(frames()), m_writer.px(kMostColumn));
        m_plot = {m_gutters.left, top, m_columnWidth * static_cast<float>(frames()),
                  m_rowHeight * static_cast<float>(m_rows)};
    }

    [[nodiscard]] const trace::StepTrace& stepOf(int row) const {
        return *m_steps[static_cast<std::size_t>(row) * static_cast<std::size_t>(m_stride)];
    }

    void drawRow(int row) {
        const trace::StepTrace& step = stepOf(row);
        const float y = m_plot.y + m_rowHeight * static_cast<float>(row);
        const float line = m_writer.line(m_writer.small());
        const bool now = step.step == m_run.latest->step;
        const int every = std::max(1, static_cast<int>(std::ceil(line / m_rowHeight)));
        const std::string noise =
            fill(m_writer.say("t = %1"), {m_writer.service.number(step.routing.noiseLevel, 2)});
        if (row % every == 0) {
            m_writer.label({m_writer.theme.grid, y + (m_rowHeight - line) / 2,
                            m_gutters.left - 2 * m_writer.theme.grid, line},
                           noise, m_writer.small(),
                           now ? m_writer.theme.text : m_writer.theme.muted, scene::Align::Right);
        }
        const std::vector<double> depths = trace::depthByFrame(step.routing);
        for (int frame = 0; frame < std::min(frames(), static_cast<int>(depths.size())); ++frame) {
            drawCell({m_plot.x + m_columnWidth * static_cast<float>(frame), y, m_columnWidth,
                      m_rowHeight},
                     depths[static_cast<std::size_t>(frame)]);
            addHit(frame, row, noise, depths[static_cast<std::size_t>(frame)]);
        }
        if (now) {
            m_writer.out.stroke({m_plot.x - m_writer.px(1), y - m_writer.px(1),
                                 m_plot.width + m_writer.px(2), m_rowHeight + m_writer.px(2)},
                                m_writer.theme.accent, m_writer.px(2), m_writer.px(2));
        }
    }

    void drawCell(scene::Rect box, double depth) {
        const double most = std::max(2, m_run.recursions());
        const auto share = static_cast<float>(std::clamp((depth - 1) / (most - 1), 0.0, 1.0));
        const scene::Color color = scene::valueColor(m_writer.theme, share);
        const float gap = box.height >= m_writer.px(8) ? m_writer.px(1) : 0;
        m_writer.out.fill({box.x + gap, box.y + gap, box.width - 2 * gap, box.height - 2 * gap},
                          color);
        const float line = m_writer.line(m_writer.small());
        const std::string words = m_writer.service.number(depth, 2);
        if (box.height >= line + 2 * gap &&
            box.width >= m_writer.width(words, m_writer.small()) + m_writer.px(6)) {
            m_writer.label({box.x, box.y + (box.height - line) / 2, box.width, line}, words,
                           m_writer.small(), inkOn(color), scene::Align::Center);
        }
    }

    void addHit(int frame, int row, const std::string& noise, double depth) {
        const trace::FrameSpan span = trace::framesOf(m_run, frame);
        const std::string words =
            fill(m_writer.say("step %1, %2, frames %3: mean depth %4"),
                 {number(static_cast<int>(stepOf(row).step) + 1), noise,
                  frameNumbers(span, m_writer.service), m_writer.service.number(depth, 4)});
        const bool given = frame < trace::givenFrames(m_run);
        m_writer.out.hit(
            {{m_plot.x + m_columnWidth * static_cast<float>(frame),
              m_plot.y + m_rowHeight * static_cast<float>(row), m_columnWidth, m_rowHeight},
             scene::HitKind::Button,
             frame,
             static_cast<int>(stepOf(row).step),
             kGoTo,
             fmt::format("{}\n{}, {}, {}", words,
                         given ? m_writer.say("given") : m_writer.say("predicted"),
                         sourceText(m_view, m_writer.service), m_writer.say("measured"))});
    }

    void drawFrames() {
        const float line = m_writer.line(m_writer.small());
        const float y = m_plot.bottom() + m_writer.px(2);
        const float widest =
            m_writer.width(frameNumbers(trace::framesOf(m_run, frames() - 1), m_writer.service),
                           m_writer.small()) +
            m_writer.px(6);
        const int every = std::max(1, static_cast<int>(std::ceil(widest / m_columnWidth)));
        const std::optional<int> lit = cursorPlace(m_run, m_cursor);
        const int litFrame =
            lit ? trace::positionOf(m_run.layout, *lit + m_run.firstPlace).frame : -1;
        for (int frame = 0; frame < frames(); frame += every) {
            const float width = std::max(widest, m_columnWidth);
            const float x =
                m_plot.x + m_columnWidth * (static_cast<float>(frame) + 0.5F) - width / 2;
            m_writer.label(
                {x, y, width, line}, frameNumbers(trace::framesOf(m_run, frame), m_writer.service),
                m_writer.small(), frame == litFrame ? m_writer.theme.text : m_writer.theme.muted,
                scene::Align::Center);
        }
        const int given = trace::givenFrames(m_run);
        if (given > 0 && given < frames()) {
            const float x = m_plot.x + m_columnWidth * static_cast<float>(given);
            m_writer.out.line({x, m_plot.y - m_writer.px(2)}, {x, y + line}, m_writer.theme.text,
                              m_writer.px(1.5F));
        }
    }

    SceneWriter m_writer;
    const trace::TraceView& m_view;
    const Cursor& m_cursor;
    const trace::RunView& m_run;
    std::span<const trace::StepPtr> m_steps;
    PlotFrame m_gutters;
    scene::Rect m_plot;
    float m_rowHeight = 1;
    float m_columnWidth = 1;
    int m_stride = 1; ///< steps from row to row
    int m_rows = 1;
};

/// A press that becomes a click where it is let go.
InputResponse pressed(const InputContext& context, scene::Point at) {
    InputResponse response{context.state, {}, {}};
    response.state.dragFrom = at;
    response.state.dragging = false;
    return response;
}

void walk(InputResponse& response, const trace::TraceView& view, int by) {
    const std::int64_t last = std::int64_t{view.firstStep} + view.stepsOfMain - 1;
    const std::int64_t next = std::int64_t{view.main->latest->step} + by;
    if (next >= view.firstStep && next <= last) {
        response.intents.emplace_back(StepIntent{static_cast<std::uint32_t>(next)});
    }
}

} // namespace

bool showsStepGrid(const trace::TraceView& view, const ViewState& state) {
    return state.byStep && view.main != nullptr && !trace::denoisingSteps(view).empty();
}

scene::Scene
drawStepGrid(const trace::TraceView& view, const Cursor& cursor, const Viewport& viewport) {
    return StepGrid(view, cursor, viewport).draw();
}

InputResponse respondOnStepGrid(const InputContext& context, const Input& input) {
    InputResponse response{context.state, {}, {}};
    if (const auto* press = std::get_if<PointerPress>(&input)) {
        return press->button == Button::Left ? pressed(context, press->at) : response;
    }
    if (const auto* move = std::get_if<PointerMove>(&input)) {
        response.tip = scene::hitAt(context.scene, move->at).tip;
        return response;
    }
    if (const auto* release = std::get_if<PointerRelease>(&input)) {
        const scene::Hit hit = scene::hitAt(context.scene, release->at);
        if (context.state.dragFrom && hit.action == kGoTo) {
            response.intents.emplace_back(StepIntent{static_cast<std::uint32_t>(hit.row)});
            if (context.view.clip != nullptr && !context.view.clip->run.empty()) {
                const int frame = trace::framesOf(*shownRun(context.view), hit.column).first;
                response.intents.emplace_back(FrameIntent{frame});
            }
        }
        response.state.dragFrom.reset();
        return response;
    }
    if (const auto* key = std::get_if<KeyPress>(&input)) {
        if (key->key == Key::Up || key->key == Key::Down) { // noise is at the top
            walk(response, context.view, key->key == Key::Up ? -1 : 1);
        }
    }
    return response;
}

scene::Rect drawStepToggle(SceneWriter& writer, const trace::TraceView& view, bool byStep) {
    const PlotFrame gutters = plotFrame({writer.bounds, &writer.theme, &writer.service});
    const float height = writer.px(24);
    if (writer.onPaper || trace::denoisingSteps(view).empty() ||
        writer.bounds.height < 4 * height) {
        return {};
    }
    const std::string words = byStep ? writer.say("by patch") : writer.say("by step");
    const float room = gutters.left - 1.5F * writer.theme.grid;
    const float width = std::min(room, writer.width(words, writer.small()) + writer.px(14));
    const scene::Rect box{writer.theme.grid, writer.bounds.height - height - writer.px(4), width,
                          height};
    writer.out.fill(box, writer.theme.raised, writer.px(4));
    writer.out.stroke(box, writer.theme.hairline, writer.px(1), writer.px(4));
    writer.label(box, words, writer.small(), writer.theme.text, scene::Align::Center);
    writer.out.hit({box, scene::HitKind::Button, -1, -1, kToggle,
                    byStep ? writer.say("Show the patches of the step looked at")
                           : writer.say("Show the mean depth of each frame at each step")});
    return box;
}

std::optional<InputResponse> respondOnStepToggle(const InputContext& context, const Input& input) {
    const auto* press = std::get_if<PointerPress>(&input);
    const auto* release = std::get_if<PointerRelease>(&input);
    const scene::Point at = press != nullptr     ? press->at
                            : release != nullptr ? release->at
                                                 : scene::Point{-1, -1};
    if (scene::hitAt(context.scene, at).action != kToggle) {
        return std::nullopt;
    }
    if (press != nullptr) {
        return pressed(context, at);
    }
    InputResponse response{context.state, {}, {}};
    if (context.state.dragFrom && !context.state.dragging) {
        response.state.byStep = !context.state.byStep;
    }
    response.state.dragFrom.reset();
    response.state.dragging = false;
    return response;
}

} // namespace depthscope::instruments
