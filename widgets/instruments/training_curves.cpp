// SPDX-License-Identifier: MIT
// How a training goes: losses over the steps, and how deep the validation tokens went.
#include "widgets/instruments/chart.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/panels.h"
#include "widgets/instruments/printed.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/instruments/training_psnr.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

namespace {

using trace::TrainingPoint;

constexpr float kWide = 620; // pixels from which the two charts stand side by side
constexpr float kLow = 220;  // below this height from half of that width on

bool hasLoad(const trace::TrainingView& training) {
    return std::ranges::any_of(training.points,
                               [](const auto& p) { return !p.exitShares.empty(); });
}

class TrainingDrawing {
public:
    TrainingDrawing(const trace::TraceView& view, const Viewport& viewport)
        : m_writer(viewport)
        , m_training(*view.training)
        , m_line(m_writer.line(m_writer.small())) {}

    [[nodiscard]] scene::Scene draw() {
        m_writer.out.hit({m_writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
        const float grid = m_writer.theme.grid;
        scene::Rect loss{grid, grid / 2, m_writer.bounds.width - 2 * grid,
                         m_writer.bounds.height - grid};
        const bool hasPsnr = newestPsnr(m_training) != nullptr;
        if (hasPsnr || hasLoad(m_training)) {
            scene::Rect load = loss;
            const bool low = m_writer.bounds.height < m_writer.px(kLow);
            if (m_writer.bounds.width >= m_writer.px(low ? kWide / 2 : kWide)) {
                loss.width = loss.width * (hasPsnr ? 0.45F : 0.6F) - grid;
                load.x = loss.right() + 2 * grid;
                load.width = m_writer.bounds.width - grid - load.x;
            } else {
                loss.height = loss.height * 0.58F - grid / 2;
                load.y = loss.bottom() + grid;
                load.height = m_writer.bounds.height - grid / 2 - load.y;
            }
            if (hasPsnr) {
                Chart chart = chartIn(
                    load, m_writer.width("00.0", m_writer.small()) + m_writer.theme.grid, 0);
                drawTrainingPsnr(m_writer, m_training, chart, load);
                addTips(chart);
            } else {
                drawLoad(load);
            }
        }
        drawLoss(loss);
        m_writer.out.summary(summaryText());
        return m_writer.out.take();
    }

private:
    [[nodiscard]] const TrainingPoint& last() const { return m_training.points.back(); }

    [[nodiscard]] std::string summaryText() const {
        const TrainingPoint* psnr = newestPsnr(m_training);
        const std::string words = fill(
            m_writer.say("Training %1, step %2 of %3: training loss %4, validation loss %5 "
                         "%6."),
            {m_training.preset, m_writer.service.number(static_cast<double>(last().step), 0),
             m_writer.service.number(static_cast<double>(m_training.steps), 0),
             m_writer.service.number(last().trainLoss, 3),
             m_writer.service.number(last().valLoss, 3), m_writer.say(m_training.unit.c_str())});
        return psnr == nullptr
                   ? words
                   : words + ' ' +
                         fill(m_writer.say("PSNR of predicted frames %1 dB, of the last given "
                                           "frame repeated %2 dB."),
                              {m_writer.service.number(psnr->psnrPrediction, 1),
                               m_writer.service.number(psnr->psnrCopyLast, 1)});
    }

    /// The plot of a box with a title line, a ruler below and gutters; no height: no room.
    [[nodiscard]] Chart chartIn(scene::Rect box, float left, float right) const {
        Chart chart;
        const float top = box.y + m_line + m_writer.theme.grid / 2;
        const float bottom = box.bottom() - m_line - m_writer.px(2);
        chart.plot = {box.x + left, top, std::max(1.0F, box.width - left - right),
                      std::max(0.0F, bottom - top)};
        chart.steps =
            std::max<double>(1, static_cast<double>(std::max(m_training.steps, last().step)));
        return chart;
    }

    [[nodiscard]] bool isTooLow(const Chart& chart) const { return chart.plot.height < m_line; }

    void drawLoss(scene::Rect box) {
        const std::string train = m_writer.say("training");
        const std::string validation = m_writer.say("validation");
        const float left = m_writer.width("00.00", m_writer.small()) + m_writer.theme.grid;
        float right = std::max(m_writer.width(train, m_writer.small()),
                               m_writer.width(validation, m_writer.small())) +
                      m_writer.theme.grid + 2;
        right = right > box.width / 3 ? 0 : right;
        Chart chart = chartIn(box, left, right);
        drawChartTitle(m_writer, box,
                       fill(m_writer.say("loss, %1"), {m_writer.say(m_training.unit.c_str())}),
                       m_writer.say("over the steps"));
        if (isTooLow(chart)) {
            return;
        }
        frame(chart);
        drawValueRuler(m_writer, chart, box.x);
        drawStepRuler(m_writer, chart);
        const scene::Color quiet = scene::mix(m_writer.theme.muted, m_writer.theme.surface, 0.7F);
        drawCurve(chart, &TrainingPoint::trainLoss, quiet, 1.5F);
        drawCurve(chart, &TrainingPoint::valLoss, m_writer.theme.text, 2);
        if (right > 0) {
            nameCurves(chart, train, validation);
        }
        addTips(chart);
    }

    // All losses with a little air, so that a flat curve is no line on the edge.
    void frame(Chart& chart) const {
        double low = HUGE_VAL;
        double high = -low;
        for (const TrainingPoint& point : m_training.points) {
            for (const double value : {point.trainLoss, point.valLoss}) {
                if (std::isfinite(value)) {
                    low = std::min(low, value);
                    high = std::max(high, value);
                }
            }
        }
        if (!(low <= high)) {
            low = 0;
            high = 1;
        }
        const double air = std::max(0.05, (high - low) * 0.08);
        chart.low = std::max(0.0, low - air);
        chart.high = high + air;
    }

    void
    drawCurve(const Chart& chart, double TrainingPoint::*value, scene::Color color, float width) {
        std::vector<scene::Point> points;
        for (const TrainingPoint& point : m_training.points) {
            if (std::isfinite(point.*value)) {
                points.push_back({chart.x(static_cast<double>(point.step)), chart.y(point.*value)});
            }
        }
        // A dot for each evaluation, where they do not run into each other.
        const float dot = m_writer.px(4);
        const bool dots = static_cast<float>(points.size()) * 2 * dot <= chart.plot.width;
        for (const scene::Point& point : points) {
            if (dots) {
                m_writer.out.fill({point.x - dot / 2, point.y - dot / 2, dot, dot}, color, dot / 2);
            }
        }
        if (points.size() > 1) {
            m_writer.out.polyline(std::move(points), color, m_writer.px(width));
        }
    }

    // At the end of each curve, moved apart where they meet.
    void nameCurves(const Chart& chart, const std::string& train, const std::string& validation) {
        float trainY = chart.y(last().trainLoss) - m_line / 2;
        float validationY = chart.y(last().valLoss) - m_line / 2;
        const float least = chart.plot.y - m_line / 2;
        const float most = std::max(least + m_line, chart.plot.bottom() - m_line);
        float& upper = trainY < validationY ? trainY : validationY;
        float& lower = trainY < validationY ? validationY : trainY;
        lower = std::clamp(std::max(lower, upper + m_line), least + m_line, most);
        upper = std::clamp(upper, least, lower - m_line);
        const float x = chart.x(static_cast<double>(last().step)) + m_writer.theme.grid / 2;
        const auto name = [&](const std::string& text, float y, scene::Color color) {
            const float width = m_writer.width(text, m_writer.small()) + 1;
            m_writer.label({x, y, width, m_line}, text, m_writer.small(), color);
        };
        name(train, trainY, m_writer.theme.muted);
        name(validation, validationY, m_writer.theme.text);
    }

    void drawLoad(scene::Rect box) {
        std::size_t recursions = 0;
        for (const TrainingPoint& point : m_training.points) {
            recursions = std::max(recursions, point.exitShares.size());
        }
        const float left = m_writer.width("100 %", m_writer.small()) + m_writer.theme.grid;
        Chart chart = chartIn(box, left, 0);
        const std::string depth = std::isfinite(last().meanDepth)
                                      ? fill(m_writer.say("mean depth %1"),
                                             {m_writer.service.number(last().meanDepth, 2)})
                                      : "";
        drawChartTitle(m_writer, box, m_writer.say("tokens by depth"), depth);
        if (isTooLow(chart)) {
            return;
        }
        std::vector<double> base(m_training.points.size(), 0);
        for (std::size_t r = 0; r < recursions; ++r) {
            drawLoadBand(chart, r, recursions, base);
        }
        for (const double share : {0.0, 0.5, 1.0}) {
            if (share == 0.5 && chart.plot.height < 4 * m_line) {
                continue;
            }
            m_writer.label({box.x, chart.y(share) - m_line / 2,
                            chart.plot.x - box.x - m_writer.theme.grid / 2, m_line},
                           scene::formatPercent(m_writer.service, share), m_writer.small(),
                           m_writer.theme.muted, scene::Align::Right);
        }
        drawStepRuler(m_writer, chart);
        addTips(chart);
    }

    // One recursion on top of those before it, in the depth colours of the text.
    void drawLoadBand(const Chart& chart,
                      std::size_t recursion,
                      std::size_t recursions,
                      std::vector<double>& base) {
        std::vector<scene::Point> upper;
        std::vector<float> lower;
        for (std::size_t i = 0; i < m_training.points.size(); ++i) {
            const TrainingPoint& point = m_training.points[i];
            if (recursion >= point.exitShares.size()) {
                continue;
            }
            lower.push_back(chart.y(base[i]));
            base[i] += point.exitShares[recursion];
            upper.push_back({chart.x(static_cast<double>(point.step)), chart.y(base[i])});
        }
        if (upper.size() == 1) { // a band needs a width
            upper.insert(upper.begin(), {chart.plot.x, upper.front().y});
            lower.push_back(lower.front());
        } else if (upper.empty()) {
            return;
        }
        const scene::Color color = scene::depthColor(
            m_writer.theme, static_cast<int>(recursion) + 1, static_cast<int>(recursions));
        const float top = upper.back().y, height = lower.back() - top;
        const float right = upper.back().x, width = right - upper.front().x;
        m_writer.out.band(std::move(upper), std::move(lower), color);
        const std::string name = m_writer.service.number(static_cast<double>(recursion + 1), 0);
        const float nameWidth = m_writer.width(name, m_writer.small()) + 1;
        if (height >= m_line && width >= 2 * nameWidth) {
            m_writer.label({right - nameWidth - m_writer.px(4), top + (height - m_line) / 2,
                            nameWidth, m_line},
                           name, m_writer.small(), inkOn(color));
        }
    }

    // Each evaluation answers in its share of the width.
    void addTips(const Chart& chart) {
        const auto& points = m_training.points;
        const auto middle = [&](std::size_t a, std::size_t b) {
            return chart.x(static_cast<double>(points[a].step + points[b].step) / 2);
        };
        for (std::size_t i = 0; i < points.size(); ++i) {
            const float from = i == 0 ? chart.plot.x : middle(i - 1, i);
            const float to = i + 1 == points.size() ? chart.plot.right() : middle(i, i + 1);
            m_writer.out.hit({{from, chart.plot.y, std::max(0.0F, to - from), chart.plot.height},
                              scene::HitKind::Body,
                              -1,
                              -1,
                              {},
                              tipOf(points[i])});
        }
    }

    [[nodiscard]] std::string tipOf(const TrainingPoint& point) const {
        const scene::TextService& text = m_writer.service;
        std::string tip =
            fill(m_writer.say("step %1, %2 s\ntraining loss %3, validation loss %4 %6\n"
                              "%5 tokens/s"),
                 {text.number(static_cast<double>(point.step), 0), text.number(point.seconds, 0),
                  text.number(point.trainLoss, 4), text.number(point.valLoss, 4),
                  text.number(point.tokensPerSecond, 0), m_writer.say(m_training.unit.c_str())});
        if (std::isfinite(point.psnrPrediction)) {
            tip += '\n' +
                   fill(m_writer.say("PSNR %1 dB, copy-last %2 dB"),
                        {text.number(point.psnrPrediction, 2), text.number(point.psnrCopyLast, 2)});
        }
        for (std::size_t r = 0; r < point.exitShares.size(); ++r) {
            tip += '\n' + fill(m_writer.say("end after recursion %1: %2"),
                               {text.number(static_cast<double>(r + 1), 0),
                                scene::formatPercent(text, point.exitShares[r])});
        }
        return tip + '\n' + m_writer.say("measured");
    }

    SceneWriter m_writer;
    const trace::TrainingView& m_training;
    float m_line;
};

class TrainingCurves final : public Instrument, public Printed {
public:
    [[nodiscard]] const char* id() const override { return "panel.training"; }

    [[nodiscard]] const char* title() const override { return "TRAINING"; }

    [[nodiscard]] Traits traits() const override {
        return {.column = Column::Embedded}; // a part of the Train dock
    }

    [[nodiscard]] scene::Scene draw(const trace::TraceView& view,
                                    const ViewState&,
                                    const Cursor&,
                                    const Viewport& viewport) const override {
        SceneWriter writer(viewport);
        if (view.training == nullptr) {
            return writer.empty(writer.say(
                "Choose a recipe and press Start: losses and token depths appear here."));
        }
        if (view.training->points.empty()) {
            return writer.empty(
                writer.say("No evaluation yet: the curves start with the first one."));
        }
        return TrainingDrawing(view, viewport).draw();
    }

    [[nodiscard]] InputResponse respond(const Shown& shown, const Input& input) const override {
        InputContext context{shown, *this};
        context.contentHeight = 0.0F; // no token axis here, and nothing to scroll
        context.windowHeight = shown.viewport.bounds.height;
        return respondTo(context, input);
    }

    [[nodiscard]] std::string
    tip(const trace::TraceView&, const scene::Hit& hit, const scene::TextService&) const override {
        return hit.tip;
    }

    [[nodiscard]] Table table(const trace::TraceView& view,
                              const scene::TextService& text) const override {
        Table table;
        const std::string unit = text.translate(
            view.training != nullptr ? view.training->unit.c_str() : "nats per token");
        const bool hasPsnr = view.training != nullptr && newestPsnr(*view.training) != nullptr;
        table.columns = {{text.translate("step"), ""},
                         {text.translate("time"), "s"},
                         {text.translate("training loss"), unit},
                         {text.translate("validation loss"), unit},
                         {text.translate("speed"), text.translate("tokens/s")},
                         {text.translate("mean depth"), text.translate("recursions")}};
        if (hasPsnr) {
            table.columns.push_back({text.translate("PSNR of predicted frames"), "dB"});
            table.columns.push_back({text.translate("PSNR of copy-last"), "dB"});
        }
        std::size_t recursions = 0;
        if (view.training != nullptr) {
            for (const TrainingPoint& point : view.training->points) {
                recursions = std::max(recursions, point.exitShares.size());
            }
        }
        for (std::size_t r = 0; r < recursions; ++r) {
            table.columns.push_back({fill(text.translate("end after recursion %1"),
                                          {text.number(static_cast<double>(r + 1), 0)}),
                                     ""});
        }
        for (std::size_t i = 0; view.training != nullptr && i < view.training->points.size(); ++i) {
            const TrainingPoint& point = view.training->points[i];
            std::vector<Table::Cell> row{
                static_cast<double>(point.step),   numberCell(point.seconds),
                numberCell(point.trainLoss),       numberCell(point.valLoss),
                numberCell(point.tokensPerSecond), numberCell(point.meanDepth)};
            if (hasPsnr) {
                row.push_back(numberCell(point.psnrPrediction));
                row.push_back(numberCell(point.psnrCopyLast));
            }
            for (std::size_t r = 0; r < recursions; ++r) {
                row.push_back(r < point.exitShares.size() ? numberCell(point.exitShares[r])
                                                          : Table::Cell{});
            }
            table.rows.push_back(std::move(row));
        }
        return table;
    }

    [[nodiscard]] AxisTitles axisTitles(const trace::TraceView& view,
                                        const scene::TextService& text) const override {
        const bool isEmpty = view.training == nullptr || view.training->points.empty();
        return isEmpty ? AxisTitles{} : AxisTitles{text.translate("step"), {}};
    }
};

} // namespace

std::unique_ptr<Instrument> makeTrainingCurves() {
    return std::make_unique<TrainingCurves>();
}

} // namespace depthscope::instruments
