// SPDX-License-Identifier: MIT
#include "widgets/instruments/depth_key.h"

#include "engine/trace/statistics.h"
#include "widgets/instruments/glossary.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>

namespace depthscope::instruments {

namespace {

void drawBar(SceneWriter& writer, scene::Rect bar, float width, const trace::ScoreRange& range) {
    constexpr int kSteps = 128;
    auto bitmap = std::make_shared<scene::Bitmap>();
    bitmap->width = 1;
    bitmap->height = kSteps;
    for (int i = 0; i < kSteps; ++i) {
        const scene::Color c =
            scene::scoreColor(writer.theme, 1 - static_cast<float>(i) / (kSteps - 1));
        bitmap->rgba.insert(bitmap->rgba.end(), {c.r, c.g, c.b, c.a});
    }
    writer.out.image(bar, std::move(bitmap));
    const float line = writer.line(writer.small());
    const float x = bar.right() + writer.px(6);
    const auto tick = [&](double value, float y) {
        writer.label({x, y, width - writer.px(16), line},
                     scoreText(range, value, 1, writer.service), writer.small(),
                     writer.theme.muted);
    };
    tick(range.high, bar.y - writer.px(2));
    if (bar.height >= 4 * line) {
        tick(range.valueAt(0.5), bar.y + (bar.height - line) / 2);
    }
    tick(range.low, bar.bottom() - line + writer.px(2));
}

/// Title, bar and ends of a range; then what the dot means, where there are dots.
struct ValueKey {
    std::string title;
    const char* word; ///< of the glossary, explained on hover
    trace::ScoreRange range;
    bool dots = false;
};

void drawKey(SceneWriter& writer, const PlotFrame& frame, const ValueKey& key) {
    const scene::Theme& theme = writer.theme;
    const float line = writer.line(writer.small());
    const float x = writer.bounds.width - frame.rightWidth + 2 * theme.grid;
    const float width = frame.rightWidth - 2.5F * theme.grid;
    float y = std::min(theme.grid / 2, writer.bounds.height / 20);
    if (writer.bounds.height < 5 * line) {
        return;
    }
    writer.label({x, y, width, line}, key.title, writer.small(), theme.muted);
    y += line + writer.px(4);
    const bool legend = key.dots && writer.bounds.height >= 8 * line;
    const float room = writer.bounds.height - y - theme.grid - (legend ? 1.5F * line : 0);
    const float height = std::min(room, writer.px(160));
    drawBar(writer, {x, y, writer.px(10), height}, width, key.range);
    writer.out.hit({{x, 0, width, y + height},
                    scene::HitKind::Body,
                    -1,
                    -1,
                    {},
                    explained(key.word, writer.service)});
    if (legend) {
        const float size = writer.px(4);
        const float top = y + height + line / 2;
        writer.out.fill({x + writer.px(3), top + (line - size) / 2, size, size}, theme.muted,
                        size / 2);
        writer.label({x + writer.px(16), top, width - writer.px(16), line},
                     writer.say("exited here"), writer.small(), theme.muted);
    }
}

} // namespace

void drawScoreKey(SceneWriter& writer, const PlotFrame& frame, const trace::RunView& run) {
    if (frame.rightWidth > 0 && hasRouter(run)) {
        const bool isChange = settings::watchesChange(run.latest->settings.rule);
        drawKey(writer, frame,
                {scoreName(run, writer.service), isChange ? "change" : "score",
                 trace::scoreRange(run), true});
    }
}

void drawDepthKey(SceneWriter& writer, const PlotFrame& frame, int recursions) {
    if (frame.rightWidth > 0) {
        drawKey(writer, frame,
                {writer.say("mean depth"),
                 "depth",
                 {1, static_cast<double>(std::max(2, recursions))},
                 false});
    }
}

} // namespace depthscope::instruments
