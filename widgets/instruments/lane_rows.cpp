// SPDX-License-Identifier: MIT
#include "widgets/instruments/lane_rows.h"

#include "engine/base/text.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

using trace::Lane;
using trace::LaneKind;
using trace::LaneSpan;
using trace::LaneTotal;

namespace {

constexpr float kGap = 4;       // between lanes
constexpr float kSharpSpan = 2; // pixels from which a span is a rectangle of its own
constexpr float kGhost = 0.35F;

/// Batches that share a pixel: their mean, weighed by how long they ran.
struct Column {
    double own = 0, all = 0; // shares of the height times seconds
    double seconds = 0;

    void add(const LaneSpan& span, double weight) {
        const auto room = static_cast<double>(std::max<std::int64_t>(1, span.room));
        own += weight * static_cast<double>(span.tokens) / room;
        all += weight * static_cast<double>(span.rows) / room;
        seconds += weight;
    }
};

/// Columns of pixels of one lane, from the left edge of its plot.
class Columns {
public:
    explicit Columns(scene::Rect row)
        : m_row(row)
        , m_columns(static_cast<std::size_t>(std::max(1.0F, std::ceil(row.width)))) {}

    void add(const LaneSpan& span, float at) {
        const auto index = static_cast<std::ptrdiff_t>(std::floor(at - m_row.x));
        if (index >= 0 && index < std::ssize(m_columns)) {
            m_columns[static_cast<std::size_t>(index)].add(span, std::max(span.seconds, 1e-12));
        }
    }

    /// Each stretch without a gap as one area.
    void draw(SceneWriter& writer, const LaneColors& colors) const {
        for (std::size_t begin = 0; begin < m_columns.size();) {
            std::size_t end = begin;
            while (end < m_columns.size() && m_columns[end].seconds > 0) {
                ++end;
            }
            if (end > begin) {
                drawArea(writer, {begin, end}, &Column::all, colors.others);
                drawArea(writer, {begin, end}, &Column::own, colors.own);
            }
            begin = std::max(end, begin + 1);
        }
    }

private:
    struct Range {
        std::size_t begin, end;
    };

    void
    drawArea(SceneWriter& writer, Range range, double Column::*share, scene::Color color) const {
        std::vector<scene::Point> upper;
        for (std::size_t i = range.begin; i < range.end; ++i) {
            const Column& column = m_columns[i];
            const auto high = static_cast<float>(column.*share / column.seconds);
            const float y = m_row.bottom() - m_row.height * high;
            const float x = m_row.x + static_cast<float>(i);
            upper.push_back({x, y});
            upper.push_back({x + 1, y});
        }
        std::vector<float> lower(upper.size(), m_row.bottom());
        writer.out.band(std::move(upper), std::move(lower), color);
    }

    scene::Rect m_row;
    std::vector<Column> m_columns;
};

float heightOf(std::int64_t part, const LaneSpan& span, float height) {
    return span.room > 0 ? height * static_cast<float>(static_cast<double>(part) /
                                                       static_cast<double>(span.room))
                         : height;
}

} // namespace

LaneColors laneColors(const scene::Theme& theme, const Lane& lane, int recursions) {
    const scene::Color own = lane.kind == LaneKind::Recursion
                                 ? scene::seriesColor(theme, lane.recursion, recursions)
                                 : scene::mix(theme.muted, theme.surface, 0.6F);
    return {own, scene::mix(own, theme.surface, 0.4F)};
}

float LaneRows::height() const {
    return plot.height / static_cast<float>(std::max<std::size_t>(1, shown.order().size()));
}

scene::Rect LaneRows::row(std::size_t index) const {
    const float high = height();
    const float gap = std::min(kGap, high / 4);
    return {plot.x, plot.bottom() - static_cast<float>(index + 1) * high + gap, plot.width,
            high - gap};
}

std::optional<Lane> LaneRows::laneAt(scene::Point at) const {
    for (std::size_t i = 0; i < shown.order().size(); ++i) {
        scene::Rect band = row(i);
        band.y = band.bottom() - height();
        band.height = height();
        if (band.contains(at)) {
            return shown.order()[i];
        }
    }
    return std::nullopt;
}

void LaneRows::draw(SceneWriter& writer) const {
    for (std::size_t i = 0; i < shown.order().size(); ++i) {
        drawRow(writer, i);
    }
}

void LaneRows::drawRow(SceneWriter& writer, std::size_t index) const {
    const scene::Rect box = row(index);
    const float line = writer.line(writer.small());
    const Lane& lane = shown.order()[index];
    if (box.height >= line * 0.75F) {
        writer.label({writer.theme.grid, box.y + (box.height - line) / 2,
                      frame.left - 1.5F * writer.theme.grid, line},
                     laneName(lane, writer.service), writer.small(), writer.theme.muted);
        drawSums(writer, index);
    }
    writer.out.line({box.x, box.bottom()}, {box.right(), box.bottom()}, writer.theme.hairline,
                    writer.px(1));
    writer.out.pushClip(box);
    drawSpans(writer, index);
    writer.out.popClip();
}

void LaneRows::drawSpans(SceneWriter& writer, std::size_t index) const {
    const Lane& lane = shown.order()[index];
    const scene::Rect box = row(index);
    LaneColors colors = laneColors(writer.theme, lane, shown.lanes().recursions);
    if (isGhost) {
        colors = {writer.withAlpha(colors.own, kGhost), writer.withAlpha(colors.others, kGhost)};
    }
    Columns narrow(box);
    for (const LaneSpan& span : shown.lanes().spans) {
        if (span.lane != lane || span.tokens == 0) {
            continue;
        }
        const float left = axis.x(span.start);
        const float right = axis.x(span.end());
        if (right < box.x || left > box.right()) {
            continue;
        }
        if (right - left < kSharpSpan) {
            narrow.add(span, (left + right) / 2);
            continue;
        }
        const auto bar = [&](std::int64_t part, scene::Color color) {
            const float high = heightOf(part, span, box.height);
            writer.out.fill({left, box.bottom() - high, right - left, high}, color);
        };
        if (span.rows > span.tokens) {
            bar(span.rows, colors.others);
        }
        bar(span.tokens, colors.own);
    }
    narrow.draw(writer, colors);
}

/// Time and share of it; below, where there is room, how full the batches were.
void LaneRows::drawSums(SceneWriter& writer, std::size_t index) const {
    if (!frame.wide) {
        return;
    }
    const scene::Rect box = row(index);
    const float line = writer.line(writer.small());
    const Lane& lane = shown.order()[index];
    const LaneTotal total = shown.total(lane);
    const scene::TextService& text = writer.service;
    const double all = shown.lanes().seconds;
    const scene::Rect right{plot.right() + writer.theme.grid, box.y,
                            frame.rightWidth - 2 * writer.theme.grid, box.height};
    const bool hasFill = shown.areTogether() && lane.kind != LaneKind::Prompts && total.room > 0 &&
                         box.height >= 2 * line;
    const float top = box.y + (box.height - (hasFill ? 2 : 1) * line) / 2;
    writer.label({right.x, top, right.width, line},
                 fmt::format("{}  {}", scene::formatMilliseconds(text, total.seconds * 1e3),
                             scene::formatPercent(text, all > 0 ? total.seconds / all : 0)),
                 writer.small(), writer.theme.text, scene::Align::Right);
    if (hasFill) {
        writer.label({right.x, top + line, right.width, line},
                     fill(writer.say("%1 full"), {scene::formatPercent(text, total.fill())}),
                     writer.small(), writer.theme.muted, scene::Align::Right);
    }
}

} // namespace depthscope::instruments
