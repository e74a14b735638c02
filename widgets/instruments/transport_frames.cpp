// SPDX-License-Identifier: MIT
#include "widgets/instruments/transport_frames.h"

#include <algorithm>
#include <array>

namespace depthscope::instruments {

namespace {

std::array<TransportControl, 4> frameControls(const scene::TextService& text) {
    return {{{Glyph::First, "clip.first", text.translate("First frame (Home)")},
             {Glyph::Previous, "clip.prev", text.translate("Previous frame (Left)")},
             {Glyph::Next, "clip.next", text.translate("Next frame (Right)")},
             {Glyph::Last, "clip.last", text.translate("Last frame (End)")}}};
}

/// Of any frame, not only the one on screen: exact where the rate is constant.
double secondsOf(const trace::ClipView& clip, std::int64_t frame) {
    return clip.frame && clip.frame->number == frame
               ? clip.frame->seconds
               : clip.duration * static_cast<double>(frame) /
                     static_cast<double>(std::max<std::int64_t>(1, clip.frameCount));
}

InputResponse scrub(const InputContext& context, const TransportStrip& strip, scene::Point at) {
    InputResponse response{context.state, {}, {}};
    // The height of the press says which track is dragged.
    const auto from = context.state.dragFrom;
    response.state.dragFrom = scene::Point{at.x, from && context.state.dragging ? from->y : at.y};
    response.state.dragging = true; // the release is no click
    const auto count = static_cast<std::size_t>(context.view.clip->frameCount);
    const std::int64_t frame = strip.placeAt(at.x, count);
    if (context.cursor.frame != frame) {
        response.intents.emplace_back(FrameIntent{frame});
    }
    return response;
}

InputResponse acted(const InputContext& context, const char* action) {
    InputResponse response{context.state, {}, {}};
    response.intents.emplace_back(ActionIntent{action});
    return response;
}

InputResponse onRelease(const InputContext& context, const PointerRelease& release) {
    const scene::Hit hit = scene::hitAt(context.scene, release.at);
    const bool clicked = !context.state.dragging && release.button == Button::Left &&
                         hit.kind == scene::HitKind::Button;
    InputResponse response =
        clicked ? acted(context, hit.action.c_str()) : InputResponse{context.state, {}, {}};
    response.state.dragFrom.reset();
    response.state.dragging = false;
    return response;
}

InputResponse onKey(const InputContext& context, Key key) {
    switch (key) {
    case Key::Left:
        return acted(context, "clip.prev");
    case Key::Right:
        return acted(context, "clip.next");
    case Key::Home:
        return acted(context, "clip.first");
    case Key::End:
        return acted(context, "clip.last");
    default:
        return {context.state, {}, {}};
    }
}

} // namespace

bool walksFrames(const trace::TraceView& view, const Cursor& cursor) {
    return cursor.frame && view.clip != nullptr && view.clip->frameCount > 0;
}

std::string drawFrames(SceneWriter& writer,
                       const TransportStrip& strip,
                       const trace::ClipView& clip,
                       const Cursor& cursor) {
    const scene::Theme& theme = writer.theme;
    const auto count = static_cast<std::size_t>(clip.frameCount);
    const std::int64_t frame = std::clamp<std::int64_t>(*cursor.frame, 0, clip.frameCount - 1);
    const scene::Rect& track = strip.track;
    const float thick = writer.px(4);
    const float y = track.y + (track.height - thick) / 2;
    writer.out.fill({track.x, y, track.width, thick}, theme.hairline, thick / 2);
    if (clip.range) {
        const float from = strip.x(static_cast<double>(clip.range->first), count);
        const float to = strip.x(static_cast<double>(clip.range->last) + 1, count);
        writer.out.fill({from, y, to - from, thick}, theme.muted, thick / 2);
    }
    const float x = strip.x(static_cast<double>(frame) + 0.5, count);
    writer.out.line({x, track.y}, {x, track.bottom()}, theme.accent, writer.px(2));
    writer.out.hit(
        {track, scene::HitKind::Body, -1, -1, {}, writer.say("Drag to move along the frames")});
    float left = theme.grid;
    for (const TransportControl& control : frameControls(writer.service)) {
        drawTransportButton(writer, control, {left, strip.buttonsY, strip.button, strip.button});
        left += strip.button;
    }
    const std::string words =
        fill(writer.say("frame %1 / %2"),
             {writer.service.number(static_cast<double>(frame), 0),
              writer.service.number(static_cast<double>(clip.frameCount - 1), 0)});
    const std::string time = trace::timecode(clip, frame, secondsOf(clip, frame));
    if (strip.twoRows) {
        left += theme.grid * 1.5F;
        const float room = writer.bounds.width - theme.grid - left;
        const float width = writer.width(words, writer.ui()) + 1;
        writer.label({left, strip.buttonsY, std::min(width, room), strip.button}, words,
                     writer.ui(), theme.text);
        left += width + 2 * theme.grid;
        const float rest = writer.bounds.width - theme.grid - left;
        if (writer.width(time, writer.ui()) + 1 <= rest) {
            writer.label({left, strip.buttonsY, rest, strip.button}, time, writer.ui(),
                         theme.muted);
        }
    }
    if (strip.words.width > 0) {
        writer.label(strip.words, words, writer.ui(), theme.text);
    }
    return words + ' ' + time;
}

InputResponse
respondOfFrames(const InputContext& context, const TransportStrip& strip, const Input& input) {
    InputResponse nothing{context.state, {}, {}};
    if (const auto* press = std::get_if<PointerPress>(&input)) {
        if (press->button == Button::Left && strip.track.contains(press->at)) {
            return scrub(context, strip, press->at);
        }
        nothing.state.dragFrom = press->at;
        nothing.state.dragging = false;
        return nothing;
    }
    if (const auto* move = std::get_if<PointerMove>(&input)) {
        if (context.state.dragFrom && context.state.dragging) {
            return scrub(context, strip, move->at);
        }
        nothing.tip = scene::hitAt(context.scene, move->at).tip;
        return nothing;
    }
    if (const auto* release = std::get_if<PointerRelease>(&input)) {
        return onRelease(context, *release);
    }
    if (const auto* key = std::get_if<KeyPress>(&input)) {
        return onKey(context, key->key);
    }
    return nothing;
}

} // namespace depthscope::instruments
