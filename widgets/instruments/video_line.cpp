// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_line.h"

#include "widgets/instruments/video_facts.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace depthscope::instruments {

namespace {

class VideoLine {
public:
    VideoLine(SceneWriter& writer,
              const trace::TraceView& view,
              const ViewState& state,
              const VideoLayout& layout)
        : m_writer(writer)
        , m_view(view)
        , m_clip(*view.clip)
        , m_state(state)
        , m_layout(layout)
        , m_left(writer.theme.grid * 1.5F)
        , m_right(writer.bounds.width - m_left)
        , m_top(layout.area.bottom())
        , m_height(writer.bounds.height - m_top) {}

    void draw() {
        const std::string wait = waitText(m_clip, m_writer.service);
        if (!m_clip.frame || m_clip.frameCount == 0) {
            put(m_clip.name, "", m_writer.theme.text);
            put(wait, "", m_writer.theme.muted);
            return;
        }
        const trace::Frame& frame = *m_clip.frame;
        const std::string last = number(m_clip.frameCount - 1);
        put(fill(m_writer.say("frame %1 / %2"), {number(frame.number), last}),
            fill(m_writer.say("frame %1 / %2"), {last, last}), m_writer.theme.text);
        if (m_clip.run.empty()) {
            drawFileFrame(frame, wait);
        } else {
            drawRunFrame();
        }
        if (m_clip.missed > 0) {
            put(fill(m_writer.say("%1 missed"), {number(m_clip.missed)}), "",
                m_writer.theme.warning);
        }
        drawComparison();
        drawClipFacts(frame);
    }

private:
    void drawFileFrame(const trace::Frame& frame, const std::string& wait) {
        const scene::Theme& theme = m_writer.theme;
        put(timecodeText(m_clip), "00:00:00:000", theme.text);
        const std::string time = fill(m_writer.say("pts %1"), {std::to_string(frame.pts)});
        put(time, time + "00", theme.muted);
        if (!wait.empty()) {
            put(wait, "", theme.warning);
            return;
        }
        put(frame.key ? m_writer.say("key frame") : "", m_writer.say("key frame"), theme.text);
        put(frame.damaged ? m_writer.say("damaged") : "", frame.damaged ? "" : " ", theme.error);
    }

    /// Whether the frame was given; beside a predicted one, how good they are.
    void drawRunFrame() {
        put(partText(m_clip, m_clip.frame->number, m_writer.service),
            partText(m_clip, m_clip.frameCount - 1, m_writer.service), m_writer.theme.text);
        const std::string psnr = psnrText(m_view, m_writer.service);
        const float left = m_left;
        const bool isGiven = isGivenFrame(m_clip, m_clip.frame->number);
        put(isGiven ? "" : psnr, psnr, m_writer.theme.text);
        if (!isGiven && !psnr.empty() && m_left > left) {
            m_writer.out.hit(
                {{left, m_top, m_left - left, m_height},
                 scene::HitKind::Body,
                 -1,
                 -1,
                 {},
                 m_writer.say("Peak signal-to-noise ratio of the predicted frames against the "
                              "truth, and that of the last context frame repeated, which a "
                              "prediction has to beat")});
        }
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
        const std::string words = trouble.empty() ? besideText(m_clip, m_writer.service) : trouble;
        const scene::TextStyle style = m_writer.small();
        const float width = std::min(std::ceil(m_writer.width(words, style)) + 1, m_right - m_left);
        m_writer.label({m_left, m_top, width, m_height}, words, style,
                       trouble.empty() ? m_writer.theme.muted : m_writer.theme.warning);
        m_left += width + 2 * m_writer.theme.grid;
    }

    void putRight(const std::string& words, scene::Color color) {
        if (words.empty()) {
            return;
        }
        const scene::TextStyle style = m_writer.small();
        const float width = std::ceil(m_writer.width(words, style)) + 1;
        if (m_right - width >= m_left) {
            m_writer.label({m_right - width, m_top, width, m_height}, words, style, color,
                           scene::Align::Right);
            m_right -= width + 2 * m_writer.theme.grid;
        }
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

    SceneWriter& m_writer;
    const trace::TraceView& m_view;
    const trace::ClipView& m_clip;
    const ViewState& m_state;
    const VideoLayout& m_layout;
    float m_left;
    float m_right;
    float m_top;
    float m_height;
};

} // namespace

void drawVideoLine(SceneWriter& writer,
                   const trace::TraceView& view,
                   const ViewState& state,
                   const VideoLayout& layout) {
    VideoLine(writer, view, state, layout).draw();
}

} // namespace depthscope::instruments
