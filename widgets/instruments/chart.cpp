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

void drawChartTitle(Pen& pen, scene::Rect box, const std::string& title, const std::string& right) {
    const float line = pen.line(pen.small());
    if (box.height < line) {
        return;
    }
    const float rightWidth = std::min(box.width, pen.width(right, pen.small()) + 1);
    const float titleWidth = box.width - rightWidth - pen.theme.grid;
    pen.label({box.x, box.y, titleWidth, line}, title, pen.small(), pen.theme.muted);
    pen.label({box.right() - rightWidth, box.y, rightWidth, line}, right, pen.small(),
              pen.theme.muted, scene::Align::Right);
}

void drawStepRuler(Pen& pen, const Chart& chart) {
    const scene::Rect& plot = chart.plot;
    const float line = pen.line(pen.small());
    const float space = pen.width("100,000", pen.small()) + 2 * pen.theme.grid;
    const int step = rulerStep(double{plot.width} / chart.steps, space);
    for (double value = 0; value <= chart.steps; value += step) {
        const std::string text = pen.service.number(value, 0);
        const float width = pen.width(text, pen.small()) + 1;
        const float x =
            std::clamp(chart.x(value) - width / 2, plot.x, std::max(plot.x, plot.right() - width));
        pen.label({x, plot.bottom() + pen.px(2), width, line}, text, pen.small(), pen.theme.muted);
    }
    pen.out.line({plot.x, plot.bottom()}, {plot.right(), plot.bottom()}, pen.theme.hairline,
                 pen.px(1));
}

void drawValueRuler(Pen& pen, const Chart& chart, float labelX) {
    const scene::Rect& plot = chart.plot;
    const float line = pen.line(pen.small());
    const int ticks = std::clamp(static_cast<int>(plot.height / (2 * line)), 1, kMostTicks);
    const double step = niceStep(chart.high - chart.low, ticks);
    const int decimals = step >= 1 ? 0 : (step >= 0.1 ? 1 : 2);
    for (double value = std::ceil(chart.low / step) * step; value <= chart.high; value += step) {
        const float y = chart.y(value);
        pen.out.line({plot.x, y}, {plot.right(), y}, pen.theme.hairline, pen.px(1));
        pen.label({labelX, y - line / 2, plot.x - labelX - pen.theme.grid / 2, line},
                  pen.service.number(value, decimals), pen.small(), pen.theme.muted,
                  scene::Align::Right);
    }
}

} // namespace depthscope::instruments
