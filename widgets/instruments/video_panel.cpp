// SPDX-License-Identifier: MIT
// A frame of a clip, exactly: its picture, and below it where it stands.
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/picture_map.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr float kDragStart = 4;    // pixels
constexpr double kZoomStep = 1.25; // per notch
constexpr double kSharpFrom = 2;   // pixels of the screen per pixel of the picture

/// The picture, and the line of facts below it.
scene::Rect pictureArea(const Viewport& viewport) {
    const SceneWriter writer(viewport);
    const float line = writer.line(writer.small()) + writer.theme.grid;
    return {0, 0, viewport.bounds.width, std::max(0.0F, viewport.bounds.height - line)};
}

bool isSharp(const ViewState& state, const PictureMap& map) {
    return state.filter == PixelFilter::Sharp ||
           (state.filter == PixelFilter::Auto && map.scale >= kSharpFrom);
}

class VideoDrawing {
public:
    VideoDrawing(const trace::ClipView& clip, const ViewState& state, const Viewport& viewport)
        : m_writer(viewport)
        , m_clip(clip)
        , m_state(state)
        , m_area(pictureArea(viewport)) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        m_writer.out.fill(m_area, scene::mix(m_writer.theme.text, m_writer.theme.surface, 0.05F));
        if (m_clip.frame && m_clip.picture && m_area.height >= 1) {
            drawPicture();
        }
        drawFacts();
        if (!m_clip.error.empty()) {
            drawError();
        }
        m_writer.out.summary(videoSummary(m_clip, m_writer.service));
        return m_writer.out.take();
    }

private:
    void drawPicture() {
        m_map = pictureMap(m_clip, m_state, m_area);
        scene::Video video;
        video.rect = m_map->shown();
        video.source = m_map->source();
        video.picture = m_clip.picture;
        video.generation = m_clip.generation;
        video.quarterTurns = m_map->quarterTurns;
        video.smooth = !isSharp(m_state, *m_map);
        m_writer.out.pushClip(m_area);
        m_writer.out.video(std::move(video));
        m_writer.out.popClip();
    }

    [[nodiscard]] std::string number(std::int64_t value) const {
        return m_writer.service.number(static_cast<double>(value), 0);
    }

    /// Words at the left end of what is left of the line, in a place as wide as `widest`: figures
    /// that change move nothing.
    void put(const std::string& words, const std::string& widest, scene::Color color) {
        const scene::TextStyle style = m_writer.small();
        const float width =
            std::ceil(std::max(m_writer.width(words, style), m_writer.width(widest, style))) + 1;
        if (m_left + width <= m_right) {
            m_writer.label({m_left, m_top, width, m_height}, words, style, color);
            m_left += width + 2 * m_writer.theme.grid;
        }
    }

    void putRight(const std::string& words, scene::Color color) {
        const scene::TextStyle style = m_writer.small();
        const float width = std::ceil(m_writer.width(words, style)) + 1;
        if (m_right - width >= m_left) {
            m_writer.label({m_right - width, m_top, width, m_height}, words, style, color,
                           scene::Align::Right);
            m_right -= width + 2 * m_writer.theme.grid;
        }
    }

    void drawFacts() {
        m_left = m_writer.theme.grid * 1.5F;
        m_right = m_writer.bounds.width - m_left;
        m_top = m_area.bottom();
        m_height = m_writer.bounds.height - m_top;
        const scene::Theme& theme = m_writer.theme;
        const std::string wait = waitText(m_clip, m_writer.service);
        if (!m_clip.frame) {
            put(m_clip.name, "", theme.text);
            put(wait, "", theme.muted);
            return;
        }
        const trace::Frame& frame = *m_clip.frame;
        const std::string last = number(m_clip.frameCount - 1);
        put(fill(m_writer.say("frame %1 / %2"), {number(frame.number), last}),
            fill(m_writer.say("frame %1 / %2"), {last, last}), theme.text);
        put(timecodeText(m_clip), "00:00:00:000", theme.text);
        const std::string time = fill(m_writer.say("pts %1"), {std::to_string(frame.pts)});
        put(time, time + "00", theme.muted);
        if (!wait.empty()) {
            put(wait, "", theme.warning);
        } else {
            put(frame.key ? m_writer.say("key frame") : "", m_writer.say("key frame"), theme.text);
            put(frame.damaged ? m_writer.say("damaged") : "", frame.damaged ? "" : " ",
                theme.error);
        }
        if (m_clip.missed > 0) {
            put(fill(m_writer.say("%1 missed"), {number(m_clip.missed)}), "", theme.warning);
        }
        drawClipFacts(frame);
    }

    void drawClipFacts(const trace::Frame& frame) {
        const scene::Color muted = m_writer.theme.muted;
        if (m_map) {
            putRight(scene::formatPercent(m_writer.service, m_map->scale), m_writer.theme.text);
        }
        putRight(fill(m_writer.say("%1 x %2"),
                      {std::to_string(frame.width), std::to_string(frame.height)}),
                 muted);
        putRight(rateText(m_clip, m_writer.service), muted);
        putRight(frame.pixelFormat, muted);
        putRight(m_clip.codec, muted);
    }

    /// Over the lower part of the picture, which stays what it was.
    void drawError() {
        const float grid = m_writer.theme.grid;
        const scene::TextStyle style = m_writer.ui();
        const float width = std::min(m_area.width - 4 * grid, m_writer.px(640));
        if (width < m_writer.px(80)) {
            return;
        }
        const std::string words = m_clip.error + (m_clip.hint.empty() ? "" : "\n" + m_clip.hint);
        const auto message = wrapText(m_writer.service, m_clip.error, style, width - 3 * grid);
        const auto hint = wrapText(m_writer.service, m_clip.hint, style, width - 3 * grid);
        const float line = m_writer.line(style);
        const float height = line * static_cast<float>(message.size() + hint.size()) + 2 * grid;
        const float bottom =
            m_clip.frame ? m_area.bottom() - 2 * grid : (m_area.height + height) / 2;
        const scene::Rect box{(m_area.width - width) / 2, std::max(0.0F, bottom - height), width,
                              height};
        m_writer.out.fill(box, m_writer.theme.raised, m_writer.px(4));
        m_writer.out.fill({box.x, box.y, m_writer.px(3), box.height}, m_writer.theme.error);
        scene::Rect text{box.x + 2 * grid, box.y + grid, width - 3 * grid, box.height - 2 * grid};
        const float used = m_writer.paragraph(text, m_clip.error, style, m_writer.theme.text);
        text.y += used;
        text.height -= used;
        m_writer.paragraph(text, m_clip.hint, style, m_writer.theme.muted);
        m_writer.out.hit({box, scene::HitKind::Body, -1, -1, {}, words});
    }

    SceneWriter m_writer;
    const trace::ClipView& m_clip;
    const ViewState& m_state;
    scene::Rect m_area;
    std::optional<PictureMap> m_map;
    float m_left = 0;
    float m_right = 0;
    float m_top = 0;
    float m_height = 0;
};

/// The ways to begin, side by side; nothing where they do not fit.
void drawBeginnings(SceneWriter& writer, float y) {
    const float grid = writer.theme.grid;
    const scene::TextStyle style = writer.ui();
    const std::pair<std::string, const char*> buttons[] = {
        {writer.say("Open video…"), "file.open-video"},
        {writer.say("Open the bundled clip"), "file.open-bundled-clip"}};
    const float height = writer.line(style) + grid;
    float total = grid;
    for (const auto& [words, action] : buttons) {
        total += writer.width(words, style) + 3 * grid;
    }
    if (total > writer.bounds.width || y + height > writer.bounds.height) {
        return;
    }
    float left = (writer.bounds.width - total) / 2;
    for (const auto& [words, action] : buttons) {
        const scene::Rect box{left, y, writer.width(words, style) + 3 * grid, height};
        writer.out.stroke(box, scene::mix(writer.theme.text, writer.theme.surface, 0.22F), 1,
                          writer.px(4));
        writer.label(box, words, style, writer.theme.text, scene::Align::Center);
        writer.out.hit({box, scene::HitKind::Button, -1, -1, action, words});
        left = box.right() + grid;
    }
}

/// Nothing is open: what the panel is for, and two ways to begin.
scene::Scene drawNothing(const Viewport& viewport) {
    SceneWriter writer(viewport);
    const float grid = writer.theme.grid;
    const float inner = std::min(viewport.bounds.width - 4 * grid, writer.px(480));
    const std::string message =
        writer.say("Any frame of a video, exactly: step, play, zoom to its pixels. Drop a video or "
                   "an image here, or begin with the bundled clip.");
    const scene::TextStyle style = writer.ui();
    const auto lines = wrapText(writer.service, message, style, inner);
    const float height = writer.line(style) * static_cast<float>(lines.size() + 1) + 3 * grid;
    const float x = (viewport.bounds.width - inner) / 2;
    float y = std::max(0.0F, (viewport.bounds.height - height) / 2);
    writer.out.hit({viewport.bounds, scene::HitKind::Body, -1, -1, {}, {}});
    y += writer.paragraph({x, y, inner, viewport.bounds.height - y}, message, style,
                          writer.theme.muted, scene::Align::Center) +
         2 * grid;
    drawBeginnings(writer, y);
    writer.out.summary(message);
    return writer.out.take();
}

class VideoInput {
public:
    VideoInput(const InputContext& context, std::optional<PictureMap> map)
        : m_at(context)
        , m_map(std::move(map))
        , m_response{context.state, {}, {}} {}

    void operator()(const PointerMove& move) {
        if (m_at.state.dragFrom) {
            drag(move.at);
            return;
        }
        const scene::Hit hit = scene::hitAt(m_at.scene, move.at);
        if (!hit.tip.empty()) {
            m_response.tip = hit.tip;
        } else if (const auto pixel = pixelAt(move.at)) {
            m_response.tip = pixelText(*m_at.view.clip, *pixel, *m_at.viewport.text);
        }
    }

    void operator()(const PointerLeave&) {}

    void operator()(const PointerPress& press) {
        if (press.button != Button::Right) {
            m_response.state.dragFrom = press.at;
            m_response.state.dragging = false;
        }
    }

    void operator()(const PointerRelease& release) {
        const bool clicked = m_at.state.dragFrom && !m_at.state.dragging;
        m_response.state.dragFrom.reset();
        m_response.state.dragging = false;
        const scene::Hit hit = scene::hitAt(m_at.scene, release.at);
        if (clicked && release.button == Button::Left && hit.kind == scene::HitKind::Button) {
            act(hit.action.c_str());
        }
    }

    void operator()(const DoubleClick&) { fit(); }

    void operator()(const Wheel& wheel) {
        if (m_map) {
            m_response.state =
                zoomedPicture(m_at.state, *m_map, wheel.at, std::pow(kZoomStep, wheel.steps));
        }
    }

    void operator()(const KeyPress& press) {
        switch (press.key) {
        case Key::Left:
            return act("clip.prev");
        case Key::Right:
            return act("clip.next");
        case Key::Home:
            return act("clip.first");
        case Key::End:
            return act("clip.last");
        case Key::Plus:
            return zoom(kZoomStep);
        case Key::Minus:
            return zoom(1 / kZoomStep);
        case Key::Fit:
            return fit();
        default:
            return;
        }
    }

    [[nodiscard]] InputResponse take() { return std::move(m_response); }

private:
    [[nodiscard]] std::optional<PixelPlace> pixelAt(scene::Point at) const {
        return m_map ? m_map->pixelAt(at) : std::nullopt;
    }

    void act(const char* action) { m_response.intents.emplace_back(ActionIntent{action}); }

    void fit() {
        m_response.state.pictureScale = 0;
        m_response.state.centerX = 0.5;
        m_response.state.centerY = 0.5;
    }

    void zoom(double factor) {
        if (m_map) {
            const scene::Rect& area = m_map->area;
            m_response.state = zoomedPicture(
                m_at.state, *m_map, {area.x + area.width / 2, area.y + area.height / 2}, factor);
        }
    }

    void drag(scene::Point at) {
        const scene::Point from = *m_at.state.dragFrom;
        if (!m_at.state.dragging && std::hypot(at.x - from.x, at.y - from.y) <= kDragStart) {
            return;
        }
        if (m_map) {
            m_response.state = pannedPicture(m_at.state, *m_map, at.x - from.x, at.y - from.y);
        }
        m_response.state.dragFrom = at;
        m_response.state.dragging = true;
    }

    const InputContext& m_at;
    std::optional<PictureMap> m_map;
    InputResponse m_response;
};

class VideoPanel final : public Instrument {
public:
    [[nodiscard]] const char* id() const override { return "panel.video"; }

    [[nodiscard]] const char* title() const override { return "VIDEO"; }

    [[nodiscard]] Traits traits() const override {
        return {.column = Column::Embedded}; // a part of the Video dock
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor&,
                                    const Viewport& viewport) const override {
        return view.clip == nullptr ? drawNothing(viewport)
                                    : VideoDrawing(*view.clip, state, viewport).draw();
    }

    [[nodiscard]] InputResponse respond(const trace::TraceView& view,
                                        const ViewState& state,
                                        const Cursor& cursor,
                                        const scene::Scene& scene,
                                        const Viewport& viewport,
                                        const Input& input) const override {
        const InputContext context{*this, view, state, cursor, scene, viewport};
        std::optional<PictureMap> map;
        const scene::Rect area = pictureArea(viewport);
        if (view.clip != nullptr && view.clip->frame && view.clip->picture && area.height >= 1) {
            map = pictureMap(*view.clip, state, area);
        }
        VideoInput reactor(context, map);
        std::visit(reactor, input);
        return reactor.take();
    }

    [[nodiscard]] std::string
    tip(const trace::TraceView&, const scene::Hit& hit, const scene::TextService&) const override {
        return hit.tip;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        return videoTable(view.clip, text);
    }
};

} // namespace

std::unique_ptr<Instrument> makeVideoPanel() {
    return std::make_unique<VideoPanel>();
}

} // namespace depthscope::instruments
