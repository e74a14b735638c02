// SPDX-License-Identifier: MIT
#include "widgets/instruments/time_axis.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

constexpr int kParts = 1'000'000;

double roundStep(double least) {
    const double decade = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * decade >= least) {
            return factor * decade;
        }
    }
    return 10 * decade;
}

} // namespace

float TimeAxis::x(double second) const {
    return parts.x(second / seconds * kParts);
}

double TimeAxis::secondAt(float at) const {
    return parts.placeUnder(at) / kParts * seconds;
}

double TimeAxis::secondsOfPixel() const {
    return seconds / kParts / parts.cell;
}

TimeAxis timeAxis(const ViewState& state, const PlotFrame& frame, double seconds) {
    TimeAxis axis;
    axis.seconds = std::max(seconds, 1e-9);
    axis.parts.left = frame.left;
    axis.parts.width = frame.width;
    axis.parts.places = kParts;
    axis.parts.mostCell = 1;
    const double wanted = std::isfinite(state.cellWidth) ? state.cellWidth : 0.0;
    const double fit = axis.parts.fitCell();
    axis.parts.cell = std::clamp(wanted, fit, std::max(fit, axis.parts.mostCell));
    const double first = std::isfinite(state.firstPlace) ? state.firstPlace : 0.0;
    axis.parts.first = std::clamp(first, 0.0, std::max(0.0, kParts - axis.parts.visible()));
    return axis;
}

void drawTimeRuler(SceneWriter& writer, const TimeAxis& axis, float y) {
    const scene::TextStyle style = writer.small();
    const float line = writer.line(style);
    const float space = writer.width("000.00 ms", style) + 2 * writer.theme.grid;
    const double step = roundStep(axis.secondsOfPixel() * double{space});
    const bool inMilliseconds = axis.secondsOfPixel() * double{axis.parts.width} < 1;
    const double unit = inMilliseconds ? 1e-3 : 1;
    const int decimals =
        std::clamp(static_cast<int>(std::ceil(-std::log10(step / unit) - 1e-9)), 0, 6);
    const float right = axis.parts.left + axis.parts.width;
    const double from = axis.secondAt(axis.parts.left);
    for (auto i = static_cast<std::int64_t>(std::ceil(from / step));; ++i) {
        const double second = static_cast<double>(i) * step;
        const float x = axis.x(second);
        if (x > right + 0.5F) {
            break;
        }
        writer.out.line({x, y}, {x, y + writer.px(3)}, writer.theme.hairline, writer.px(1));
        const std::string label =
            writer.service.number(second / unit, decimals) + (inMilliseconds ? " ms" : " s");
        const float width = writer.width(label, style) + 1;
        const float left =
            std::clamp(x - width / 2, axis.parts.left, std::max(axis.parts.left, right - width));
        writer.label({left, y + writer.px(2), width, line - writer.px(2)}, label, style,
                     writer.theme.muted);
    }
}

} // namespace depthscope::instruments
