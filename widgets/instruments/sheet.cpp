// SPDX-License-Identifier: MIT
#include "widgets/instruments/sheet.h"

#include "widgets/instruments/facts.h"
#include "widgets/instruments/reactions.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

Sheet::Sheet(Pen& pen_, float top)
    : pen(pen_)
    , m_left(std::min(pen_.theme.grid * 1.5F, pen_.bounds.width / 10))
    , m_width(pen_.bounds.width - 2 * m_left)
    , m_y(top + std::min(pen_.theme.grid, pen_.bounds.height / 10)) {}

Sheet::Sheet(const Sheet& parent, float left, float width)
    : pen(parent.pen)
    , m_left(left)
    , m_width(width)
    , m_y(parent.m_y)
    , m_first(parent.m_first) {}

scene::Rect Sheet::take(float height) {
    m_first = false;
    const scene::Rect rect{m_left, m_y, m_width, height};
    m_y += height;
    return rect;
}

void Sheet::space(float grids) {
    m_y += grids * pen.theme.grid;
}

void Sheet::head(const std::string& title, const std::string& right) {
    if (!m_first) {
        space(1.25F);
        pen.out.line({m_left, m_y}, {m_left + m_width, m_y}, pen.theme.hairline, pen.px(1));
        space(1);
    }
    ends(title, pen.head(), right);
    m_y += pen.px(2);
}

void Sheet::ends(const std::string& left, const scene::TextStyle& style, const std::string& right) {
    const float line = std::max(pen.line(style), pen.line(pen.small()));
    const float rightWidth = pen.width(right, pen.small()) + 1;
    scene::Rect row = take(line);
    pen.label(row, left, style, pen.theme.muted);
    if (right.empty()) {
        return;
    }
    if (pen.width(left, style) + pen.theme.grid + rightWidth > m_width) {
        row = take(line);
    }
    const float width = std::min(rightWidth, m_width);
    pen.label({row.right() - width, row.y, width, line}, right, pen.small(), pen.theme.muted,
              scene::Align::Right);
}

void Sheet::note(const std::string& text, scene::Color color) {
    const float line = pen.line(pen.small());
    for (const std::string& part : wrapText(pen.service, text, pen.small(), m_width)) {
        pen.label(take(line), part, pen.small(), color);
    }
}

void Sheet::figure(const std::string& value, const std::string& label, const std::string& tag) {
    const float line = pen.line(pen.figure());
    const float column = std::min(m_width, pen.width("+00.000", pen.figure()));
    const float gap = pen.theme.grid;
    const float beside = m_width - column - gap;
    const float tagWidth = std::min(m_width, pen.width(tag, pen.small()) + 1);
    const float labelWidth = pen.width(label, pen.ui()) + 1;
    const bool narrow = labelWidth > beside;
    scene::Rect row = take(line);
    pen.label({row.x, row.y, narrow ? m_width : column, line}, value, pen.figure(), pen.theme.text,
              narrow ? scene::Align::Left : scene::Align::Right);
    const float labelX = narrow ? row.x : row.x + column + gap;
    row = narrow ? take(pen.line(pen.ui())) : row;
    const float room = row.right() - labelX;
    const bool tagFits = labelWidth + gap / 2 + tagWidth <= room;
    pen.label({labelX, row.y, tagFits ? room - tagWidth : room, row.height}, label, pen.ui(),
              pen.theme.text);
    if (tagFits) {
        pen.label({row.right() - tagWidth, row.y, tagWidth, row.height}, tag, pen.small(),
                  pen.theme.muted, scene::Align::Right);
        return;
    }
    const float small = pen.line(pen.small());
    for (const std::string& part : wrapText(pen.service, tag, pen.small(), room)) {
        pen.label({labelX, take(small).y, room, small}, part, pen.small(), pen.theme.muted);
    }
}

void Sheet::pair(const std::string& name, const std::string& value) {
    const float line = pen.line(pen.ui());
    const float valueWidth = std::min(m_width, pen.width(value, pen.ui()) + 1);
    const float nameWidth = pen.width(name, pen.ui());
    scene::Rect row = take(line);
    if (nameWidth + pen.theme.grid + valueWidth > m_width) {
        pen.label(row, name, pen.ui(), pen.theme.muted);
        row = take(line);
    } else {
        pen.label({row.x, row.y, row.width - valueWidth, line}, name, pen.ui(), pen.theme.muted);
    }
    pen.label({row.right() - valueWidth, row.y, valueWidth, line}, value, pen.ui(), pen.theme.text,
              scene::Align::Right);
}

std::vector<float> Sheet::columnWidths(const std::vector<Bar>& rows,
                                       const std::vector<std::string>& titles) const {
    std::vector<float> widths;
    for (const std::string& title : titles) {
        widths.push_back(pen.width(title, pen.small()) + 1);
    }
    for (const Bar& bar : rows) {
        widths.resize(std::max(widths.size(), bar.values.size()), 0);
        for (std::size_t i = 0; i < bar.values.size(); ++i) {
            widths[i] = std::max(widths[i], pen.width(bar.values[i], pen.ui()) + 1);
        }
    }
    return widths;
}

void Sheet::columns(scene::Rect row,
                    const std::vector<std::string>& cells,
                    const std::vector<float>& widths,
                    bool titles) {
    float right = row.right();
    for (std::size_t i = cells.size(); i-- > 0;) {
        const float width = std::min(widths[i], right - row.x);
        pen.label({right - width, row.y, width, row.height}, cells[i],
                  titles ? pen.small() : pen.ui(), titles ? pen.theme.muted : pen.theme.text,
                  scene::Align::Right);
        right -= width + pen.theme.grid;
    }
}

void Sheet::bars(const std::vector<Bar>& rows, const std::vector<std::string>& titles) {
    const float gap = pen.theme.grid;
    const std::vector<float> widths = columnWidths(rows, titles);
    float labels = 0;
    for (const Bar& bar : rows) {
        labels = std::max(labels, pen.width(bar.label, pen.ui()) + 1);
    }
    float values = 0;
    for (const float width : widths) {
        values += width + gap;
    }
    const float line = pen.line(pen.ui()) + pen.px(2);
    const bool beside = labels + gap + pen.px(32) + values <= m_width;
    // Where not even name and figures fit side by side, the name has a line of its own.
    const bool stacked = labels + values > m_width;
    if (!titles.empty()) {
        columns(take(pen.line(pen.small())), titles, widths, true);
    }
    for (const Bar& bar : rows) {
        const float top = m_y;
        scene::Rect row = take(line);
        pen.label({row.x, row.y, std::min(labels, m_width), line}, bar.label, pen.ui(),
                  pen.theme.text);
        row = stacked ? take(line) : row;
        columns(row, bar.values, widths, false);
        scene::Rect rail{row.x + labels + gap, row.y + line / 2 - pen.px(3),
                         m_width - labels - gap - values, pen.px(6)};
        if (!beside) {
            const scene::Rect below = take(pen.px(10));
            rail = {below.x, below.y + pen.px(1), m_width, pen.px(5)};
        }
        drawRail(rail, bar);
        if (!bar.tip.empty()) {
            pen.out.hit(
                {{m_left, top, m_width, m_y - top}, scene::HitKind::Body, -1, -1, {}, bar.tip});
        }
    }
}

void Sheet::drawRail(scene::Rect rail, const Bar& bar) {
    const scene::Color track = scene::mix(pen.theme.hairline, pen.theme.surface, 0.6F);
    pen.out.fill(rail, track, pen.px(1));
    const float share = static_cast<float>(std::clamp(bar.share, 0.0, 1.0));
    const scene::Rect filled{rail.x, rail.y, rail.width * share, rail.height};
    pen.out.fill(filled, bar.color.value_or(pen.theme.muted), pen.px(1));
    if (bar.hatch > 0 && filled.width > 0) {
        pen.out.hatch(filled, pen.theme.surface, pen.px(bar.hatch));
    }
    if (bar.alarmed) {
        pen.out.hatch(rail, pen.theme.warning, pen.px(4));
    }
    if (bar.mark) {
        const float x = rail.x + rail.width * static_cast<float>(std::clamp(*bar.mark, 0.0, 1.0));
        pen.out.line({x, rail.y - pen.px(2)}, {x, rail.bottom() + pen.px(2)}, pen.theme.text,
                     pen.px(1));
    }
}

void Sheet::button(const std::string& text, const std::string& action) {
    const float height = std::max(pen.px(24), pen.line(pen.ui()) + pen.theme.grid);
    const float width = std::min(m_width, pen.width(text, pen.ui()) + 3 * pen.theme.grid);
    const scene::Rect row = take(height);
    const scene::Rect box{row.x, row.y, width, height};
    pen.out.fill(box, pen.theme.raised, pen.px(4));
    pen.out.stroke(box, pen.theme.hairline, pen.px(1), pen.px(4));
    pen.label({box.x + pen.theme.grid / 2, box.y, width - pen.theme.grid, height}, text, pen.ui(),
              pen.theme.text, scene::Align::Center);
    pen.out.hit({box, scene::HitKind::Button, -1, -1, action, text});
}

namespace {

// The bar at the right that says there is more.
void drawScrollBar(Pen& pen, double scrollY, float content) {
    const float height = pen.bounds.height;
    if (content <= height) {
        return;
    }
    const float length = std::max(pen.px(16), height * height / content);
    const auto share = static_cast<float>(scrollY / (double{content} - double{height}));
    pen.out.fill({pen.bounds.width - pen.px(5), share * (height - length), pen.px(3), length},
                 pen.theme.hairline, pen.px(1.5F));
}

} // namespace

scene::Scene SheetPanel::draw(const trace::TraceView& view,
                              const ViewState& state,
                              const Cursor& cursor,
                              const Viewport& viewport) const {
    const std::string nothing = emptyState(view, cursor, *viewport.text);
    if (!nothing.empty()) {
        const bool noRun = subject(view) == nullptr;
        return Pen(viewport).empty(noRun ? whyEmpty(view, nothing, *viewport.text) : nothing);
    }
    // The height is known only when the sheet is filled: once to measure, once where it belongs.
    Pen measuring(viewport);
    Sheet probe(measuring, 0);
    fillSheet(probe, view, cursor);
    const float content = probe.y() + measuring.theme.grid;
    const double scrollY = clampedScroll(state.scrollY, content, viewport.bounds.height);

    Pen pen(viewport);
    pen.out.hit({pen.bounds, scene::HitKind::Body, -1, -1, {}, {}});
    Sheet sheet(pen, -static_cast<float>(scrollY));
    fillSheet(sheet, view, cursor);
    drawScrollBar(pen, scrollY, content);
    pen.out.summary(summary(view, cursor, *viewport.text));
    return pen.out.take();
}

Reaction SheetPanel::react(const trace::TraceView& view,
                           const ViewState& state,
                           const Cursor& cursor,
                           const scene::Scene& scene,
                           const Viewport& viewport,
                           const Input& input) const {
    Situation situation{*this, view, state, cursor, scene, viewport};
    situation.contentHeight = 0.0F;
    situation.windowHeight = viewport.bounds.height;
    if (emptyState(view, cursor, *viewport.text).empty()) {
        Pen measuring(viewport);
        Sheet probe(measuring, 0);
        fillSheet(probe, view, cursor);
        situation.contentHeight = probe.y() + measuring.theme.grid;
    }
    return reactTo(situation, input);
}

} // namespace depthscope::instruments
