// SPDX-License-Identifier: MIT
#include "widgets/instruments/chart.h"

#include "widgets/instruments/place_axis.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr int kMostTicks = 6;

// 1, 2 or 5 times a power of ten, for about `ticks` of them.
double niceStep(double span, int ticks) {
    const double raw = span / std::max(1, ticks);
    const double decade = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= raw) {
            return factor * decade;
        }
    }
    return 10 * decade;
}

} // namespace

float Chart::x(double step) const {
    return plot.x + plot.width * static_cast<float>(std::clamp(step / steps, 0.0, 1.0));
}

float Chart::y(double value) const {
    const double share = std::clamp((value - low) / (high - low), 0.0, 1.0);
    return plot.bottom() - plot.height * static_cast<float>(share);
}

void drawChartTitle(SceneWriter& writer,
                    scene::Rect box,
                    const std::string& title,
                    const std::string& right) {
    const float line = writer.line(writer.small());
    if (box.height < line) {
        return;
    }
    const float rightWidth = std::min(box.width, writer.width(right, writer.small()) + 1);
    const float titleWidth = box.width - rightWidth - writer.theme.grid;
    writer.label({box.x, box.y, titleWidth, line}, title, writer.small(), writer.theme.muted);
    writer.label({box.right() - rightWidth, box.y, rightWidth, line}, right, writer.small(),
                 writer.theme.muted, scene::Align::Right);
}

void drawStepRuler(SceneWriter& writer, const Chart& chart) {
    const scene::Rect& plot = chart.plot;
    const float line = writer.line(writer.small());
    const float space = writer.width("100,000", writer.small()) + 2 * writer.theme.grid;
    const int step = rulerStep(double{plot.width} / chart.steps, space);
    for (double value = 0; value <= chart.steps; value += step) {
        const std::string text = writer.service.number(value, 0);
        const float width = writer.width(text, writer.small()) + 1;
        const float x =
            std::clamp(chart.x(value) - width / 2, plot.x, std::max(plot.x, plot.right() - width));
        writer.label({x, plot.bottom() + writer.px(2), width, line}, text, writer.small(),
                     writer.theme.muted);
    }
    writer.out.line({plot.x, plot.bottom()}, {plot.right(), plot.bottom()}, writer.theme.hairline,
                    writer.px(1));
}

void drawValueRuler(SceneWriter& writer, const Chart& chart, float labelX) {
    const scene::Rect& plot = chart.plot;
    const float line = writer.line(writer.small());
    const int ticks = std::clamp(static_cast<int>(plot.height / (2 * line)), 1, kMostTicks);
    const double step = niceStep(chart.high - chart.low, ticks);
    const int decimals = step >= 1 ? 0 : (step >= 0.1 ? 1 : 2);
    for (double value = std::ceil(chart.low / step) * step; value <= chart.high; value += step) {
        const float y = chart.y(value);
        writer.out.line({plot.x, y}, {plot.right(), y}, writer.theme.hairline, writer.px(1));
        writer.label({labelX, y - line / 2, plot.x - labelX - writer.theme.grid / 2, line},
                     writer.service.number(value, decimals), writer.small(), writer.theme.muted,
                     scene::Align::Right);
    }
}

} // namespace depthscope::instruments
