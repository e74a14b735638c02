// SPDX-License-Identifier: MIT
#include "widgets/instruments/depth_key.h"

#include "engine/trace/statistics.h"
#include "widgets/instruments/glossary.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>

namespace depthscope::instruments {

namespace {

void drawBar(SceneWriter& writer, scene::Rect bar, float width, const MapKey& key) {
    constexpr int kSteps = 128;
    auto bitmap = std::make_shared<scene::Bitmap>();
    bitmap->width = 1;
    bitmap->height = kSteps;
    for (int i = 0; i < kSteps; ++i) {
        const scene::Color c = key.colorAt(1 - static_cast<float>(i) / (kSteps - 1));
        bitmap->rgba.insert(bitmap->rgba.end(), {c.r, c.g, c.b, c.a});
    }
    writer.out.image(bar, std::move(bitmap));
    const float line = writer.line(writer.small());
    const float x = bar.right() + writer.px(6);
    const auto tick = [&](const std::string& number, float y) {
        writer.label({x, y, width - writer.px(16), line}, number, writer.small(),
                     writer.theme.muted);
    };
    tick(key.numbers[2], bar.y - writer.px(2));
    if (bar.height >= 4 * line) {
        tick(key.numbers[1], bar.y + (bar.height - line) / 2);
    }
    tick(key.numbers[0], bar.bottom() - line + writer.px(2));
}

std::array<std::string, 3> numbersOf(const SceneWriter& writer, double low, double high) {
    return {writer.service.number(low, 1), writer.service.number((low + high) / 2, 1),
            writer.service.number(high, 1)};
}

} // namespace

void drawMapKey(SceneWriter& writer, const PlotFrame& frame, const MapKey& key) {
    const scene::Theme& theme = writer.theme;
    const float line = writer.line(writer.small());
    const float x = writer.bounds.width - frame.rightWidth + 2 * theme.grid;
    const float width = frame.rightWidth - 2.5F * theme.grid;
    const float bottom = key.bottom > 0 ? key.bottom : writer.bounds.height;
    float y = std::min(theme.grid / 2, bottom / 20);
    if (bottom < 5 * line || frame.rightWidth <= 0) {
        return;
    }
    writer.label({x, y, width, line}, key.title, writer.small(), theme.muted);
    y += line + writer.px(4);
    const bool legend = key.dots && bottom >= 8 * line;
    const float room = bottom - y - theme.grid - (legend ? 1.5F * line : 0);
    const float height = std::min(room, writer.px(160));
    drawBar(writer, {x, y, writer.px(10), height}, width, key);
    writer.out.hit({{x, 0, width, y + height}, scene::HitKind::Body, -1, -1, {}, key.tip});
    if (legend) {
        const float size = writer.px(4);
        const float top = y + height + line / 2;
        writer.out.fill({x + writer.px(3), top + (line - size) / 2, size, size}, theme.muted,
                        size / 2);
        writer.label({x + writer.px(16), top, width - writer.px(16), line},
                     writer.say("exited here"), writer.small(), theme.muted);
    }
}

void drawScoreKey(SceneWriter& writer, const PlotFrame& frame, const trace::RunView& run) {
    if (!hasRouter(run)) {
        return;
    }
    const bool isChange = settings::watchesChange(run.latest->settings.rule);
    const trace::ScoreRange range = trace::scoreRange(run);
    const auto number = [&](double score) { return scoreText(range, score, 1, writer.service); };
    drawMapKey(writer, frame,
               {.title = scoreName(run, writer.service),
                .tip = explained(isChange ? "change" : "score", writer.service),
                .numbers = {number(range.low), number(range.valueAt(0.5)), number(range.high)},
                .colorAt = [&](float t) { return scene::scoreColor(writer.theme, t); },
                .dots = true});
}

void drawDepthKey(SceneWriter& writer, const PlotFrame& frame, int recursions) {
    drawMapKey(writer, frame,
               {.title = writer.say("mean depth"),
                .tip = explained("depth", writer.service),
                .numbers = numbersOf(writer, 1, std::max(2, recursions)),
                .colorAt = [&](float t) { return scene::valueColor(writer.theme, t); }});
}

} // namespace depthscope::instruments
