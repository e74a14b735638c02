// SPDX-License-Identifier: MIT
#include "widgets/instruments/training_psnr.h"

#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::instruments {

namespace {

using trace::TrainingPoint;

/// A line with its name at the end.
struct Named {
    std::string name;
    double value; ///< at its right end
    scene::Color color;
};

/// All values with a little air.
void frame(Chart& chart, const trace::TrainingView& training, double asked) {
    double low = asked;
    double high = asked;
    for (const TrainingPoint& point : training.points) {
        for (const double value : {point.psnrPrediction, point.psnrCopyLast}) {
            if (std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            }
        }
    }
    const double air = std::max(0.5, (high - low) * 0.08);
    chart.low = low - air;
    chart.high = high + air;
}

void drawCurve(SceneWriter& writer,
               const trace::TrainingView& training,
               const Chart& chart,
               double TrainingPoint::*value,
               scene::Color color) {
    std::vector<scene::Point> points;
    for (const TrainingPoint& point : training.points) {
        if (std::isfinite(point.*value)) {
            points.push_back({chart.x(static_cast<double>(point.step)), chart.y(point.*value)});
        }
    }
    const float dot = writer.px(4);
    if (static_cast<float>(points.size()) * 2 * dot <= chart.plot.width) {
        for (const scene::Point& point : points) {
            writer.out.fill({point.x - dot / 2, point.y - dot / 2, dot, dot}, color, dot / 2);
        }
    }
    if (points.size() > 1) {
        writer.out.polyline(std::move(points), color, writer.px(2));
    }
}

/// At the right of the plot, moved apart where they meet.
void nameLines(SceneWriter& writer, const Chart& chart, std::vector<Named> lines) {
    const float line = writer.line(writer.small());
    std::ranges::sort(lines, {}, [](const Named& one) { return -one.value; });
    const float x = chart.plot.right() + writer.theme.grid / 2;
    float below = chart.plot.y - line / 2;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto left = static_cast<float>(lines.size() - i);
        const float most = chart.plot.bottom() + line / 2 - left * line;
        const float y = std::max(below, std::min(chart.y(lines[i].value) - line / 2, most));
        const float width = writer.width(lines[i].name, writer.small()) + 1;
        writer.label({x, y, width, line}, lines[i].name, writer.small(), lines[i].color);
        below = y + line;
    }
}

} // namespace

const TrainingPoint* newestPsnr(const trace::TrainingView& training) {
    for (auto point = training.points.rbegin(); point != training.points.rend(); ++point) {
        if (std::isfinite(point->psnrPrediction) && std::isfinite(point->psnrCopyLast)) {
            return &*point;
        }
    }
    return nullptr;
}

void drawTrainingPsnr(SceneWriter& writer,
                      const trace::TrainingView& training,
                      Chart& chart,
                      scene::Rect box) {
    const TrainingPoint& last = *newestPsnr(training);
    const scene::TextService& text = writer.service;
    const double gain = last.psnrPrediction - last.psnrCopyLast;
    const double asked = last.psnrCopyLast + trace::kAskedGain;
    drawChartTitle(writer, box, writer.say("PSNR of predicted frames, dB"),
                   fill(writer.say("%1 dB over copy-last"),
                        {(gain < 0 ? "\u2212" : "+") + text.number(std::abs(gain), 1)}));
    if (chart.plot.height < writer.line(writer.small())) {
        return;
    }
    std::vector<Named> lines{
        {writer.say("prediction"), last.psnrPrediction, writer.theme.text},
        {writer.say("copy-last"), last.psnrCopyLast, writer.theme.muted},
        {fill(writer.say("asked: +%1 dB"), {text.number(trace::kAskedGain, 0)}), asked,
         writer.theme.muted}};
    float names = 0;
    for (const Named& one : lines) {
        names = std::max(names, writer.width(one.name, writer.small()) + writer.theme.grid);
    }
    const bool hasNames = names <= box.width / 3;
    if (hasNames) {
        chart.plot.width = std::max(1.0F, chart.plot.width - names);
    }
    frame(chart, training, asked);
    drawValueRuler(writer, chart, box.x);
    drawStepRuler(writer, chart);
    const float y = chart.y(asked);
    writer.out.line({chart.plot.x, y}, {chart.plot.right(), y}, writer.theme.muted, writer.px(1));
    drawCurve(writer, training, chart, &TrainingPoint::psnrCopyLast,
              scene::mix(writer.theme.muted, writer.theme.surface, 0.7F));
    drawCurve(writer, training, chart, &TrainingPoint::psnrPrediction, writer.theme.text);
    if (hasNames) {
        nameLines(writer, chart, std::move(lines));
    }
}

} // namespace depthscope::instruments
