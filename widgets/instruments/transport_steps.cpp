// SPDX-License-Identifier: MIT
#include "widgets/instruments/transport_steps.h"

#include "engine/trace/clip_run.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr std::size_t kMostTips = 1000;

/// Its ends are named, so it is shorter than the strip's.
struct StepTrack {
    TransportStrip strip;
    std::string noise;
    std::string clip;
    scene::Rect noiseBox;
    scene::Rect clipBox;
};

StepTrack trackOf(const Viewport& viewport) {
    const SceneWriter writer(viewport);
    StepTrack track{TransportStrip(viewport, 1), writer.say("noise"), writer.say("clip"), {}, {}};
    scene::Rect& box = track.strip.track;
    const float line = writer.line(writer.small());
    const float y = box.y + (box.height - line) / 2;
    const float gap = writer.theme.grid;
    const float left = writer.width(track.noise, writer.small()) + 1;
    const float right = writer.width(track.clip, writer.small()) + 1;
    if (box.width >= 3 * (left + right + 2 * gap)) {
        track.noiseBox = {box.x, y, left, line};
        track.clipBox = {box.right() - right, y, right, line};
        box = {box.x + left + gap, box.y, box.width - left - right - 2 * gap, box.height};
    }
    return track;
}

std::string textOf(const trace::TraceView& view, std::size_t at, const scene::TextService& text) {
    const double noise = view.mainSteps[at]->routing.noiseLevel;
    return fill(text.translate("step %1 of %2, t = %3"),
                {text.number(static_cast<double>(at + 1), 0),
                 text.number(static_cast<double>(view.mainSteps.size()), 0),
                 text.number(noise, 2)});
}

std::size_t lookedAt(const trace::TraceView& view) {
    const std::uint32_t step = view.main->latest->step;
    const auto at = static_cast<std::size_t>(step - std::min(step, view.firstStep));
    return std::min(at, view.mainSteps.size() - 1);
}

void goTo(InputResponse& response, const trace::TraceView& view, int at) {
    const auto last = static_cast<int>(view.mainSteps.size()) - 1;
    const int inside = std::clamp(at, 0, last);
    if (inside != static_cast<int>(lookedAt(view))) {
        response.intents.emplace_back(
            StepIntent{view.firstStep + static_cast<std::uint32_t>(inside)});
    }
}

} // namespace

bool walksSteps(const trace::TraceView& view) {
    return view.main != nullptr && !trace::denoisingSteps(view).empty();
}

std::string stepText(const trace::TraceView& view, const scene::TextService& text) {
    return textOf(view, lookedAt(view), text);
}

void drawSteps(SceneWriter& writer, const Viewport& viewport, const trace::TraceView& view) {
    const StepTrack track = trackOf(viewport);
    const TransportStrip& strip = track.strip;
    const scene::Theme& theme = writer.theme;
    const std::size_t count = view.mainSteps.size();
    const std::size_t now = lookedAt(view);
    const scene::Rect& box = strip.track;
    const float middle = box.y + box.height / 2;
    const float thick = writer.px(4);
    const auto center = [&](std::size_t step) {
        return strip.x(static_cast<double>(step) + 0.5, count);
    };
    writer.label(track.noiseBox, track.noise, writer.small(), theme.muted);
    writer.label(track.clipBox, track.clip, writer.small(), theme.muted);
    writer.out.fill({box.x, middle - thick / 2, box.width, thick}, theme.hairline, thick / 2);
    writer.out.fill({box.x, middle - thick / 2, center(now) - box.x, thick}, theme.muted,
                    thick / 2);
    const float dot = writer.px(6);
    const bool dots = box.width / static_cast<float>(count) >= 2 * dot;
    for (std::size_t step = 0; step < count; ++step) {
        if (dots) {
            writer.out.fill(
                {center(step) - dot / 2, middle - dot / 2, dot, dot},
                step <= now ? theme.muted : scene::mix(theme.muted, theme.surface, 0.5F), dot / 2);
        }
        if (step < kMostTips) {
            const float x = strip.x(static_cast<double>(step), count);
            const float next = strip.x(static_cast<double>(step + 1), count);
            writer.out.hit({{x, strip.buttonsY, next - x, strip.button},
                            scene::HitKind::Body,
                            -1,
                            -1,
                            {},
                            textOf(view, step, writer.service)});
        }
    }
    writer.out.line({center(now), box.y}, {center(now), box.bottom()}, theme.accent, writer.px(2));
    const float left = theme.grid + strip.button; // below the same buttons of the upper strip
    drawTransportButton(
        writer, {Glyph::Previous, "step.prev", writer.say("Previous denoising step (Down)")},
        {left, strip.buttonsY, strip.button, strip.button});
    drawTransportButton(writer, {Glyph::Next, "step.next", writer.say("Next denoising step (Up)")},
                        {left + strip.button, strip.buttonsY, strip.button, strip.button});
    if (strip.words.width > 0) {
        writer.label(strip.words, stepText(view, writer.service), writer.ui(), theme.text);
    }
}

std::optional<InputResponse> respondOfSteps(const InputContext& context, const Input& input) {
    const StepTrack track = trackOf(context.viewport);
    const TransportStrip& strip = track.strip;
    InputResponse response{context.state, {}, {}};
    const auto scrub = [&](scene::Point at, float pressedAt) {
        response.state.dragFrom = scene::Point{at.x, pressedAt};
        response.state.dragging = true; // the release is no click
        goTo(response, context.view, strip.placeAt(at.x, context.view.mainSteps.size()));
        return response;
    };
    if (const auto* press = std::get_if<PointerPress>(&input)) {
        const scene::Rect area{strip.track.x, strip.buttonsY, strip.track.width, strip.button};
        return press->button == Button::Left && area.contains(press->at)
                   ? std::optional(scrub(press->at, press->at.y))
                   : std::nullopt;
    }
    if (const auto* move = std::get_if<PointerMove>(&input)) {
        const auto from = context.state.dragFrom;
        return from && context.state.dragging && from->y >= strip.buttonsY
                   ? std::optional(scrub(move->at, from->y))
                   : std::nullopt;
    }
    if (const auto* key = std::get_if<KeyPress>(&input)) {
        if (key->key == Key::Up || key->key == Key::Down) {
            const int step = key->key == Key::Up ? 1 : -1;
            goTo(response, context.view, static_cast<int>(lookedAt(context.view)) + step);
            return response;
        }
    }
    return std::nullopt;
}

} // namespace depthscope::instruments
