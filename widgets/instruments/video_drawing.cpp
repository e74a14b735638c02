// SPDX-License-Identifier: MIT
#include "widgets/instruments/video_drawing.h"

#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/instruments/video_layout.h"
#include "widgets/instruments/video_legend.h"
#include "widgets/instruments/video_line.h"
#include "widgets/instruments/video_overlay.h"
#include "widgets/scene/color_map.h"
#include "widgets/scene/geometry.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace depthscope::instruments {

namespace {

constexpr double kSharpFrom = 2;   // pixels of the screen per pixel of the picture
constexpr float kLegendRoom = 140; // least width beside the pictures
constexpr float kHandle = 14;      // width that takes the line of a wipe, in pixels
// Textures of pictures that are shown together.
constexpr int kOtherSlot = 1;
constexpr int kDifferenceSlot = 2;

bool isSharp(const ViewState& state, const PictureMap& map) {
    return state.filter == PixelFilter::Sharp ||
           (state.filter == PixelFilter::Auto && map.scale >= kSharpFrom);
}

class VideoDrawing {
public:
    VideoDrawing(const trace::TraceView& view,
                 const ViewState& state,
                 const Cursor& cursor,
                 const Viewport& viewport)
        : m_writer(viewport)
        , m_view(view)
        , m_clip(*view.clip)
        , m_state(state)
        , m_cursor(cursor)
        , m_layout(videoLayout(view.clip, state, viewport))
        , m_area(m_layout.area) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        m_writer.out.fill(m_area, scene::mix(m_writer.theme.text, m_writer.theme.surface, 0.05F));
        if (m_layout.a) {
            drawPictures();
            drawLegend();
        }
        drawVideoLine(m_writer, m_view, m_state, m_layout);
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
            if (!m_clip.run.empty()) {
                drawTag(m_nameA, m_area, false);
            }
            return;
        }
        switch (m_state.comparison) {
        case Comparison::Wipe:
            drawWipe();
            return;
        case Comparison::Split:
            drawPicture(m_clip, *m_layout.a, m_layout.a->area);
            drawOther(m_layout.b ? m_layout.b->area : m_area);
            drawTag(m_nameA, m_layout.a->area, false);
            if (m_layout.b) {
                drawTag(m_nameB, m_layout.b->area, false);
            }
            return;
        case Comparison::Blink:
            if (m_state.showsOther && m_layout.b) {
                drawOther(m_area);
            } else {
                drawPicture(m_clip, *m_layout.a, m_area);
            }
            drawTag(m_state.showsOther ? m_nameB : m_nameA, m_area, false);
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
        drawTag(m_nameA, left, false);
        drawTag(m_nameB, right, true);
        const float half = m_writer.px(1);
        m_writer.out.fill({x - 2 * half, m_area.y, 4 * half, m_area.height},
                          m_writer.withAlpha({0, 0, 0, 255}, 0.35F));
        m_writer.out.fill({x - half, m_area.y, 2 * half, m_area.height}, {255, 255, 255, 255});
        const float knob = m_writer.px(14);
        const scene::Rect round{x - knob / 2, m_area.y + (m_area.height - knob) / 2, knob, knob};
        m_writer.out.fill(round, {255, 255, 255, 255}, knob / 2);
        m_writer.out.stroke(round, m_writer.theme.accent, m_writer.px(2), knob / 2);
        m_writer.out.hit(
            {m_layout.wipeHandle(m_writer.px(kHandle)), scene::HitKind::Button, -1, -1, kWipeAction,
             fill(m_writer.say("Drag to move the line between %1 and %2"), {m_nameA, m_nameB})});
    }

    void drawDifference() {
        if (m_clip.difference) {
            scene::Video video;
            video.picture = m_clip.difference;
            video.generation = m_clip.differenceGeneration;
            video.slot = kDifferenceSlot;
            put(std::move(video), *m_layout.a, m_area);
            drawTag(
                fill("|%1 - %2| x%3", {m_nameA, m_nameB, std::to_string(m_clip.differenceGain)}),
                m_area, false);
            drawOver(m_clip, *m_layout.a, m_area);
            return;
        }
        drawPicture(m_clip, *m_layout.a, m_area);
        drawTag(m_nameA, m_area, false);
    }

    void drawPicture(const trace::ClipView& clip, const PictureMap& map, scene::Rect part) {
        scene::Video video;
        video.picture = clip.picture;
        video.generation = clip.generation;
        put(std::move(video), map, part);
        drawOver(clip, map, part);
    }

    /// What the run spent on the patches, and the cursor: a clip without a routing of its own has
    /// the cursor of the main run.
    void drawOver(const trace::ClipView& clip, const PictureMap& map, scene::Rect part) {
        const trace::RunView* own = runOf(m_view, clip);
        const trace::RunView* run = own != nullptr ? own : runOf(m_view, m_clip);
        const auto grid = run != nullptr ? patchGrid(*run, clip) : std::nullopt;
        if (grid) {
            if (&clip == &m_clip) {
                addPatches(*run, *grid, map, part);
            }
            ViewState state = m_state;
            state.overlay = own != nullptr ? state.overlay : Overlay::Off;
            drawOverlay(m_writer, {*run, *grid, map, clip.frame->number, part}, state, m_cursor);
        }
    }

    /// For scripts, and for what asks where a place is.
    void addPatches(const trace::RunView& run,
                    const PatchGrid& grid,
                    const PictureMap& map,
                    scene::Rect part) {
        for (int row = 0; row < grid.layout.rows; ++row) {
            for (int column = 0; column < grid.layout.columns; ++column) {
                const int place = grid.placeAt(m_clip.frame->number, row, column);
                const scene::Rect seen = scene::intersected(grid.rectOf(map, row, column), part);
                if (place >= 0 && static_cast<std::size_t>(place) < run.places() &&
                    seen.width > 0 && seen.height > 0) {
                    m_writer.out.hit({seen, scene::HitKind::Cell, place, -1, {}, {}});
                }
            }
        }
    }

    void drawLegend() {
        if (const trace::RunView* run = runOf(m_view, m_clip)) {
            drawOverlayLegend(m_writer, *run, m_state, besidePictures());
        }
    }

    /// The widest stretch that no picture covers; where all are narrow, the whole room.
    [[nodiscard]] scene::Rect besidePictures() const {
        std::vector<scene::Rect> pictures{m_layout.a->shown()};
        if (m_layout.isSplit && m_layout.b) {
            pictures.push_back(m_layout.b->shown());
        }
        scene::Rect widest{0, m_area.y, 0, m_area.height};
        float left = m_area.x;
        const auto reach = [&](float right) {
            if (right - left > widest.width) {
                widest.x = left;
                widest.width = right - left;
            }
        };
        for (const scene::Rect& picture : pictures) {
            reach(picture.x);
            left = picture.right();
        }
        reach(m_area.right());
        return widest.width >= m_writer.px(kLegendRoom) ? widest : m_area;
    }

    void drawOther(scene::Rect part) {
        if (m_layout.b) {
            scene::Video video;
            video.picture = m_clip.other->picture;
            video.generation = m_clip.other->generation;
            video.slot = kOtherSlot;
            put(std::move(video), *m_layout.b, part);
            drawOver(*m_clip.other, *m_layout.b, part);
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
    const trace::TraceView& m_view;
    const trace::ClipView& m_clip;
    const ViewState& m_state;
    const Cursor& m_cursor;
    VideoLayout m_layout;
    scene::Rect m_area;
    std::string m_nameA = tagOf(m_clip, "A", m_writer.service);
    std::string m_nameB = m_clip.other ? tagOf(*m_clip.other, "B", m_writer.service) : "B";
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

scene::Scene drawClip(const trace::TraceView& view,
                      const ViewState& state,
                      const Cursor& cursor,
                      const Viewport& viewport) {
    return VideoDrawing(view, state, cursor, viewport).draw();
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
