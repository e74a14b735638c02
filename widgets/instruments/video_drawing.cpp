// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_drawing.h"

#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/instruments/video_layout.h"
#include "widgets/scene/color_map.h"
#include "widgets/scene/geometry.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::instruments {

namespace {

constexpr double kSharpFrom = 2; // pixels of the screen per pixel of the picture
constexpr float kHandle = 14;    // width that takes the line of a wipe, in pixels
// Textures of pictures that are shown together.
constexpr int kOtherSlot = 1;
constexpr int kDifferenceSlot = 2;

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
        , m_layout(videoLayout(&clip, state, viewport))
        , m_area(m_layout.area) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        m_writer.out.fill(m_area, scene::mix(m_writer.theme.text, m_writer.theme.surface, 0.05F));
        if (m_layout.a) {
            drawPictures();
        }
        drawFacts();
        if (!m_clip.error.empty()) {
            drawError();
        }
        m_writer.out.summary(videoSummary(m_clip, m_writer.service));
        return m_writer.out.take();
    }

private:
    void drawPictures() {
        if (!m_layout.compares) {
            drawPicture(m_clip, *m_layout.a, m_area);
            return;
        }
        switch (m_state.comparison) {
        case Comparison::Wipe:
            drawWipe();
            return;
        case Comparison::Split:
            drawPicture(m_clip, *m_layout.a, m_layout.a->area);
            drawOther(m_layout.b ? m_layout.b->area : m_area);
            drawTag("A", m_layout.a->area, false);
            if (m_layout.b) {
                drawTag("B", m_layout.b->area, false);
            }
            return;
        case Comparison::Blink:
            if (m_state.showsOther && m_layout.b) {
                drawOther(m_area);
            } else {
                drawPicture(m_clip, *m_layout.a, m_area);
            }
            drawTag(m_state.showsOther ? "B" : "A", m_area, false);
            return;
        case Comparison::Difference:
            drawDifference();
            return;
        }
    }

    void drawWipe() {
        const float x = m_layout.wipeX;
        const scene::Rect left{m_area.x, m_area.y, x - m_area.x, m_area.height};
        const scene::Rect right{x, m_area.y, m_area.right() - x, m_area.height};
        drawPicture(m_clip, *m_layout.a, m_layout.b ? left : m_area);
        if (!m_layout.b) {
            return;
        }
        drawOther(right);
        drawTag("A", left, false);
        drawTag("B", right, true);
        const float half = m_writer.px(1);
        m_writer.out.fill({x - 2 * half, m_area.y, 4 * half, m_area.height},
                          m_writer.withAlpha({0, 0, 0, 255}, 0.35F));
        m_writer.out.fill({x - half, m_area.y, 2 * half, m_area.height}, {255, 255, 255, 255});
        const float knob = m_writer.px(14);
        const scene::Rect round{x - knob / 2, m_area.y + (m_area.height - knob) / 2, knob, knob};
        m_writer.out.fill(round, {255, 255, 255, 255}, knob / 2);
        m_writer.out.stroke(round, m_writer.theme.accent, m_writer.px(2), knob / 2);
        m_writer.out.hit({m_layout.wipeHandle(m_writer.px(kHandle)), scene::HitKind::Button, -1, -1,
                          kWipeAction, m_writer.say("Drag to move the line between A and B")});
    }

    void drawDifference() {
        if (m_clip.difference) {
            scene::Video video;
            video.picture = m_clip.difference;
            video.generation = m_clip.differenceGeneration;
            video.slot = kDifferenceSlot;
            put(std::move(video), *m_layout.a, m_area);
            drawTag(fill("|A - B| x%1", {std::to_string(m_clip.differenceGain)}), m_area, false);
            return;
        }
        drawPicture(m_clip, *m_layout.a, m_area);
        drawTag("A", m_area, false);
    }

    void drawPicture(const trace::ClipView& clip, const PictureMap& map, scene::Rect part) {
        scene::Video video;
        video.picture = clip.picture;
        video.generation = clip.generation;
        put(std::move(video), map, part);
    }

    void drawOther(scene::Rect part) {
        if (m_layout.b) {
            scene::Video video;
            video.picture = m_clip.other->picture;
            video.generation = m_clip.other->generation;
            video.slot = kOtherSlot;
            put(std::move(video), *m_layout.b, part);
        }
    }

    /// The part of a picture that lies in `part`. The picture may be smaller than the frame.
    void put(scene::Video video, const PictureMap& map, scene::Rect part) {
        video.rect = map.shown();
        video.source = map.source();
        const float wide = static_cast<float>(video.picture->width) / static_cast<float>(map.width);
        const float high =
            static_cast<float>(video.picture->height) / static_cast<float>(map.height);
        video.source.x *= wide;
        video.source.width *= wide;
        video.source.y *= high;
        video.source.height *= high;
        video.quarterTurns = map.quarterTurns;
        video.smooth = !isSharp(m_state, map);
        m_writer.out.pushClip(scene::intersected(part, m_area));
        m_writer.out.video(std::move(video));
        m_writer.out.popClip();
    }

    /// Which clip it is, in an upper corner: readable on any picture.
    void drawTag(const std::string& words, scene::Rect part, bool right) {
        const scene::TextStyle style = m_writer.head();
        const float pad = m_writer.px(6);
        const scene::Rect box{0, part.y + pad, m_writer.width(words, style) + 2 * pad,
                              m_writer.line(style) + pad / 2};
        if (box.width + 2 * pad > part.width) {
            return;
        }
        scene::Rect placed = box;
        placed.x = right ? part.right() - box.width - pad : part.x + pad;
        m_writer.out.fill(placed, m_writer.theme.raised, m_writer.px(3));
        m_writer.label(placed, words, style, m_writer.theme.text, scene::Align::Center);
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

    void drawComparison() {
        if (!m_layout.compares) {
            return;
        }
        const std::string trouble = comparisonTrouble(m_clip, m_state, m_writer.service);
        const std::string words =
            trouble.empty() ? fill(m_writer.say("B: %1"), {m_clip.other->name}) : trouble;
        const scene::TextStyle style = m_writer.small();
        const float width = std::min(std::ceil(m_writer.width(words, style)) + 1, m_right - m_left);
        m_writer.label({m_left, m_top, width, m_height}, words, style,
                       trouble.empty() ? m_writer.theme.muted : m_writer.theme.warning);
        m_left += width + 2 * m_writer.theme.grid;
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
        if (!m_clip.frame || m_clip.frameCount == 0) {
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
        drawComparison();
        drawClipFacts(frame);
    }

    void drawClipFacts(const trace::Frame& frame) {
        const scene::Color muted = m_writer.theme.muted;
        if (m_layout.a) {
            putRight(scene::formatPercent(m_writer.service, m_layout.a->scale),
                     m_writer.theme.text);
        }
        putRight(fill(m_writer.say("%1 x %2"),
                      {std::to_string(frame.width), std::to_string(frame.height)}),
                 muted);
        putRight(rateText(m_clip, m_writer.service), muted);
        putRight(frame.pixelFormat, muted);
        putRight(m_clip.codec, muted);
        if (!m_clip.sound.empty() && !m_clip.hasSoundDevice) {
            putRight(m_writer.say("silent: no sound device"), muted);
        }
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
    VideoLayout m_layout;
    scene::Rect m_area;
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
        {writer.say("Open the bundled clip"), "file.open-bundled-clip"},
        {writer.say("New procedural clip…"), "file.new-clip"}};
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

} // namespace

scene::Scene
drawClip(const trace::ClipView& clip, const ViewState& state, const Viewport& viewport) {
    return VideoDrawing(clip, state, viewport).draw();
}

scene::Scene drawNoClip(const Viewport& viewport) {
    SceneWriter writer(viewport);
    const float grid = writer.theme.grid;
    const float inner = std::min(viewport.bounds.width - 4 * grid, writer.px(480));
    const std::string message =
        writer.say("Any frame of a video, exactly: step, play, zoom to its pixels. Drop a video or "
                   "an image here, or begin with the "
                   "bundled clip or a new one.");
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

} // namespace depthscope::instruments
