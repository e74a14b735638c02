// SPDX-License-Identifier: MIT
#include "widgets/instruments/convergence_part.h"

#include "engine/base/text.h"
#include "widgets/instruments/chart.h"
#include "widgets/instruments/convergence_text.h"
#include "widgets/instruments/depth_bitmap.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace depthscope::instruments {

using trace::Convergence;
using trace::Quantity;

double QuantityRange::share(Quantity quantity, double value) const {
    if (quantity == Quantity::Rank) {
        return std::clamp(std::log(value) / std::log(std::max(2.0, high)), 0.0, 1.0);
    }
    const double place = std::clamp((value - low) / (high - low), 0.0, 1.0);
    return quantity == Quantity::Cosine ? 1 - place : place;
}

double QuantityRange::at(Quantity quantity, double share) const {
    if (quantity == Quantity::Rank) {
        return std::pow(std::max(2.0, high), share);
    }
    return low + (high - low) * (quantity == Quantity::Cosine ? 1 - share : share);
}

QuantityRange quantityRange(const Convergence& convergence, Quantity quantity) {
    const std::vector<float>& values = convergence.values[static_cast<std::size_t>(quantity)];
    double low = 1, high = 0;
    for (const float value : values) {
        if (std::isfinite(value)) {
            low = std::min(low, double{value});
            high = std::max(high, double{value});
        }
    }
    if (quantity == Quantity::Cosine) {
        return {low < 1 ? low : 0, 1};
    }
    return {quantity == Quantity::Rank ? 1.0 : 0.0, high > 0 ? high : 1.0};
}

scene::Color settlingColor(const scene::Theme& theme, double share) {
    constexpr float kPale = 0.22F, kKnee = 0.6F, kStrong = 0.5F;
    const auto t = static_cast<float>(std::clamp(share, 0.0, 1.0));
    if (t <= kKnee) {
        return scene::mix(theme.seriesBase, theme.surface, kPale + (1 - kPale) * t / kKnee);
    }
    return scene::mix(theme.text, theme.seriesBase, kStrong * (t - kKnee) / (1 - kKnee));
}

namespace {

constexpr float kLane = 13;       // pixels of a rule's row
constexpr float kNumberLane = 16; // of a column from which a lane says its recursion
constexpr float kChart = 132;

class Part {
public:
    Part(SceneWriter& writer, const PartContext& context)
        : m_writer(writer)
        , m_at(context)
        , m_made(*context.view.convergence)
        , m_small(writer.small())
        , m_line(writer.line(writer.small())) {}

    [[nodiscard]] float lane() const { return std::max(m_writer.px(kLane), m_line); }

    void drawExits() {
        const auto rules = static_cast<int>(m_made.exits.size());
        const float height = std::min(lane(), m_at.box.height / static_cast<float>(rules));
        const float top = m_at.box.y;
        const auto tiles =
            cellTiles({m_at.axis.places, rules,
                       [&](std::size_t row, std::size_t place) { return laneColor(row, place); }},
                      {m_at.axis.firstVisible(), m_at.axis.endVisible(), m_at.axis.cell,
                       isOld(m_at.view) ? 0.35F : 1.0F});
        m_writer.out.pushClip(
            {m_at.axis.left, top, m_at.axis.dataWidth(), height * static_cast<float>(rules)});
        for (const DepthTile& tile : tiles) {
            const int group = (tile.places + tile.bitmap->width - 1) / tile.bitmap->width;
            const double columns = double{static_cast<float>(tile.bitmap->width)} * group;
            m_writer.out.image({m_at.axis.x(tile.firstPlace), top,
                                static_cast<float>(columns * m_at.axis.cell),
                                height * static_cast<float>(rules)},
                               tile.bitmap);
        }
        drawLaneGaps(top, height);
        m_writer.out.popClip();
        for (int rule = 0; rule < rules; ++rule) {
            drawLaneWords(rule, top + height * static_cast<float>(rule), height);
        }
        drawLegend(top, height * static_cast<float>(rules));
    }

    void drawCurve() {
        const auto token = cursorPlace(*m_at.view.main, m_at.cursor);
        if (!token) {
            ask(m_writer.say("Point at a token: its curve over the recursions appears here."));
            return;
        }
        const auto t = static_cast<std::size_t>(*token);
        if (!m_made.holds(t)) {
            ask(limitText(m_made, m_writer.service));
            return;
        }
        const QuantityRange range = quantityRange(m_made, m_at.state.quantity);
        const float titles = m_line + m_writer.px(2);
        Chart chart{{m_at.frame.left, m_at.box.y + 2 * titles, m_at.frame.width,
                     m_at.box.height - 3 * titles - m_writer.px(2)},
                    static_cast<double>(std::max(2, m_made.recursions)),
                    range.low,
                    range.high};
        if (chart.plot.height < m_line) {
            return;
        }
        drawChartTitle(m_writer, {chart.plot.x, m_at.box.y, chart.plot.width, m_line},
                       fill(m_writer.say("%1 of %2"),
                            {m_writer.say(quantityName(m_at.state.quantity)), nameOf(t)}),
                       fixedText(m_made, t, m_writer.service));
        drawOutside(chart);
        drawValueRuler(m_writer, chart, m_writer.theme.grid);
        drawStepRuler(m_writer, chart);
        drawStops(chart, t, m_at.box.y + titles);
        std::vector<scene::Point> points;
        for (int r = 0; r < m_made.recursions; ++r) {
            const double value = double{m_made.value(m_at.state.quantity, r, t)};
            if (std::isfinite(value)) {
                points.push_back({chart.x(r + 1), chart.y(value)});
            }
        }
        drawPoints(points, 1);
    }

    void drawPath() {
        const auto token = cursorPlace(*m_at.view.main, m_at.cursor);
        if (!token) {
            ask(m_writer.say("Point at a token: the path of its states appears here."));
            return;
        }
        const auto t = static_cast<std::size_t>(*token);
        if (!m_made.holds(t)) {
            ask(limitText(m_made, m_writer.service));
            return;
        }
        const float* share = &m_made.pathShares[2 * t];
        const scene::Rect plot{m_at.frame.left, m_at.box.y + m_line + m_writer.px(4),
                               m_at.frame.width, m_at.box.height - m_line - m_writer.px(8)};
        drawChartTitle(
            m_writer, {plot.x, m_at.box.y, plot.width, m_line},
            fill(m_writer.say("path of %1 in its two principal components"), {nameOf(t)}),
            std::isnan(share[0])
                ? m_writer.say("it does not move")
                : fill(m_writer.say("%1 and %2 of its variance"),
                       {scene::formatPercent(m_writer.service, double{share[0]}),
                        scene::formatPercent(m_writer.service, double{share[1]})}));
        if (plot.height < m_line || std::isnan(share[0])) {
            return;
        }
        drawPoints(pathIn(plot, t), 0);
    }

private:
    void ask(const std::string& words) {
        m_writer.label({m_at.frame.left, m_at.box.y, m_at.frame.width, m_line}, words, m_small,
                       m_writer.theme.muted);
    }

    [[nodiscard]] std::string nameOf(std::size_t token) const {
        return quotedPlace(*m_at.view.main, token, m_writer.service);
    }

    [[nodiscard]] std::string number(int value) const { return m_writer.service.number(value, 0); }

    /// Rows of a map count from the bottom, rules from the top.
    [[nodiscard]] const trace::ExitPoints& ruleOf(std::size_t row) const {
        return m_made.exits[m_made.exits.size() - 1 - row];
    }

    [[nodiscard]] scene::Color laneColor(std::size_t row, std::size_t place) const {
        return m_made.holds(place) ? scene::depthColor(m_writer.theme, ruleOf(row).recursion[place],
                                                       m_made.recursions)
                                   : scene::Color{0, 0, 0, 0};
    }

    void drawLaneGaps(float top, float height) {
        const scene::Color ground = m_writer.theme.surface;
        for (std::size_t rule = 1; rule < m_made.exits.size(); ++rule) {
            m_writer.out.fill({m_at.axis.left, top + height * static_cast<float>(rule),
                               m_at.axis.dataWidth(), m_writer.px(1)},
                              ground);
        }
        if (m_at.axis.cell >= double{m_writer.px(8)}) {
            for (int t = m_at.axis.firstVisible() + 1; t < m_at.axis.endVisible(); ++t) {
                m_writer.out.fill({m_at.axis.x(t) - m_writer.px(0.5F), top, m_writer.px(1),
                                   height * static_cast<float>(m_made.exits.size())},
                                  ground);
            }
        }
    }

    void drawLaneWords(int rule, float y, float height) {
        const trace::ExitPoints& points = m_made.exits[static_cast<std::size_t>(rule)];
        if (height < m_line) {
            return;
        }
        const float middle = y + (height - m_line) / 2;
        m_writer.label({m_writer.px(2), middle, m_at.frame.left - m_writer.theme.grid, m_line},
                       points.rule, m_small, m_writer.theme.muted, scene::Align::Right);
        if (m_at.axis.cell < double{m_writer.px(kNumberLane)}) {
            return;
        }
        m_writer.out.pushClip({m_at.axis.left, y, m_at.axis.dataWidth(), height});
        const int end = std::min(m_at.axis.endVisible(), static_cast<int>(m_made.tokens()));
        for (int t = m_at.axis.firstVisible(); t < end; ++t) {
            const int recursion = points.recursion[static_cast<std::size_t>(t)];
            if (recursion > 0) {
                m_writer.label(
                    {m_at.axis.x(t), middle, static_cast<float>(m_at.axis.cell), m_line},
                    number(recursion), m_small,
                    inkOn(scene::depthColor(m_writer.theme, recursion, m_made.recursions)),
                    scene::Align::Center);
            }
        }
        m_writer.out.popClip();
    }

    void drawLegend(float top, float height) {
        const float width = m_at.frame.rightWidth - 2.5F * m_writer.theme.grid;
        if (m_at.frame.rightWidth <= 0 || height < 4 * m_line) {
            return;
        }
        const float x = m_writer.bounds.width - m_at.frame.rightWidth + 2 * m_writer.theme.grid;
        m_writer.label({x, top, width, m_line}, m_writer.say("would stop at"), m_small,
                       m_writer.theme.muted);
        const auto entry = [&](int row, int recursion, const std::string& words) {
            const float y = top + m_line * static_cast<float>(row);
            const float side = m_writer.px(9);
            m_writer.out.fill({x, y + (m_line - side) / 2, side, side},
                              scene::depthColor(m_writer.theme, recursion, m_made.recursions));
            m_writer.label({x + m_writer.px(16), y, width - m_writer.px(16), m_line}, words,
                           m_small, m_writer.theme.muted);
        };
        // All of them where they fit below the title and above "nowhere", else the ends.
        const bool fits = m_made.recursions <= static_cast<int>(height / m_line) - 2;
        const int step = fits ? 1 : std::max(1, m_made.recursions - 1);
        int row = 0;
        for (int recursion = 1; recursion <= m_made.recursions; recursion += step) {
            entry(++row, recursion, fill(m_writer.say("rec. %1"), {number(recursion)}));
        }
        entry(++row, 0, m_writer.say("nowhere"));
    }

    /// Recursions beyond those of the training.
    void drawOutside(const Chart& chart) {
        if (m_made.recursions > m_made.trained) {
            const float x = chart.x(m_made.trained);
            m_writer.out.hatch({x, chart.plot.y, chart.plot.right() - x, chart.plot.height},
                               m_writer.withAlpha(m_writer.theme.warning, 0.35F), m_writer.px(6));
        }
    }

    /// Where the rules would stop, those of one recursion together.
    void drawStops(const Chart& chart, std::size_t token, float y) {
        std::map<int, std::string> names;
        for (const trace::ExitPoints& points : m_made.exits) {
            if (const int recursion = points.recursion[token]; recursion > 0) {
                std::string& words = names[recursion];
                words += (words.empty() ? "" : ", ") + points.rule.substr(0, points.rule.find(':'));
            }
        }
        for (auto at = names.begin(); at != names.end(); ++at) {
            const float x = chart.x(at->first);
            m_writer.out.line({x, y + m_line}, {x, chart.plot.bottom()}, m_writer.theme.muted,
                              m_writer.px(1));
            const float left =
                at == names.begin() ? chart.plot.x : chart.x(std::prev(at)->first) + m_writer.px(4);
            m_writer.label({left, y, x - left, m_line}, at->second, m_small, m_writer.theme.muted,
                           scene::Align::Right);
        }
    }

    /// The same scale in both directions: distances are those of the states.
    [[nodiscard]] std::vector<scene::Point> pathIn(scene::Rect plot, std::size_t token) const {
        const auto count = static_cast<std::size_t>(m_made.recursions) + 1;
        const float* path = &m_made.path[token * count * 2];
        scene::Point least{path[0], path[1]}, most = least;
        for (std::size_t i = 0; i < count; ++i) {
            least = {std::min(least.x, path[2 * i]), std::min(least.y, path[2 * i + 1])};
            most = {std::max(most.x, path[2 * i]), std::max(most.y, path[2 * i + 1])};
        }
        const float rim = m_line;
        const float scale = std::min((plot.width - 2 * rim) / std::max(most.x - least.x, 1e-9F),
                                     (plot.height - 2 * rim) / std::max(most.y - least.y, 1e-9F));
        const scene::Point middle{(least.x + most.x) / 2, (least.y + most.y) / 2};
        std::vector<scene::Point> points;
        for (std::size_t i = 0; i < count; ++i) {
            points.push_back({plot.x + plot.width / 2 + (path[2 * i] - middle.x) * scale,
                              plot.y + plot.height / 2 - (path[2 * i + 1] - middle.y) * scale});
        }
        return points;
    }

    /// Joined, each in the colour of its recursion; the first one is number `first`.
    void drawPoints(const std::vector<scene::Point>& points, int first) {
        if (points.size() > 1) {
            m_writer.out.polyline(points, m_writer.theme.muted, m_writer.px(1.5F));
        }
        const float side = m_writer.px(7);
        const std::size_t every = points.size() > 17 ? points.size() / 8 : 1;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const int recursion = static_cast<int>(i) + first;
            m_writer.out.fill({points[i].x - side / 2, points[i].y - side / 2, side, side},
                              recursion == 0
                                  ? m_writer.theme.muted
                                  : scene::depthColor(m_writer.theme, recursion, m_made.recursions),
                              side / 2);
            if (first == 0 && i % every == 0) {
                const std::string words = number(recursion);
                const float width = m_writer.width(words, m_small) + 1;
                const bool fits = points[i].x + side + width <= m_writer.bounds.width;
                m_writer.label({fits ? points[i].x + side : points[i].x - side - width,
                                points[i].y - m_line / 2, width, m_line},
                               words, m_small, m_writer.theme.text);
            }
        }
    }

    SceneWriter& m_writer;
    const PartContext& m_at;
    const Convergence& m_made;
    scene::TextStyle m_small;
    float m_line;
};

} // namespace

float partHeight(const SceneWriter& writer, const PartContext& context) {
    if (context.state.part != ConvergencePart::Exits) {
        return writer.px(kChart);
    }
    const float lane = std::max(writer.px(kLane), writer.line(writer.small()));
    return lane * static_cast<float>(context.view.convergence->exits.size());
}

void drawPart(SceneWriter& writer, const PartContext& context) {
    Part part(writer, context);
    switch (context.state.part) {
    case ConvergencePart::Exits:
        return part.drawExits();
    case ConvergencePart::Curve:
        return part.drawCurve();
    case ConvergencePart::Path:
        return part.drawPath();
    }
}

} // namespace depthscope::instruments
