// SPDX-License-Identifier: MIT
#include "widgets/instruments/row_list.h"

#include "widgets/instruments/glossary.h"
#include "widgets/instruments/input_response.h"
#include "widgets/instruments/trace_text.h"
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <cmath>

namespace depthscope::instruments {

RowList::RowList(SceneWriter& pen_, float top)
    : writer(pen_)
    , m_left(std::min(pen_.theme.grid * 1.5F, pen_.bounds.width / 10))
    , m_width(pen_.bounds.width - 2 * m_left)
    , m_y(top + std::min(pen_.theme.grid, pen_.bounds.height / 10)) {}

RowList::RowList(const RowList& parent, float left, float width)
    : writer(parent.writer)
    , m_left(left)
    , m_width(width)
    , m_y(parent.m_y)
    , m_first(parent.m_first) {}

scene::Rect RowList::take(float height) {
    m_first = false;
    const scene::Rect rect{m_left, m_y, m_width, height};
    m_y += height;
    return rect;
}

void RowList::space(float grids) {
    m_y += grids * writer.theme.grid;
}

void RowList::explain(float top, const char* word) {
    if (word == nullptr) {
        return;
    }
    writer.out.hit({{m_left, top, m_width, m_y - top},
                    scene::HitKind::Body,
                    -1,
                    -1,
                    {},
                    explained(word, writer.service)});
}

void RowList::head(const std::string& title, const std::string& right, const char* word) {
    if (!m_first) {
        space(1.25F);
        writer.out.line({m_left, m_y}, {m_left + m_width, m_y}, writer.theme.hairline,
                        writer.px(1));
        space(1);
    }
    const float top = m_y;
    ends(title, writer.head(), right);
    explain(top, word);
    m_y += writer.px(2);
}

void RowList::ends(const std::string& left,
                   const scene::TextStyle& style,
                   const std::string& right) {
    const float line = std::max(writer.line(style), writer.line(writer.small()));
    const float rightWidth = writer.width(right, writer.small()) + 1;
    scene::Rect row = take(line);
    writer.label(row, left, style, writer.theme.muted);
    if (right.empty()) {
        return;
    }
    if (writer.width(left, style) + writer.theme.grid + rightWidth > m_width) {
        row = take(line);
    }
    const float width = std::min(rightWidth, m_width);
    writer.label({row.right() - width, row.y, width, line}, right, writer.small(),
                 writer.theme.muted, scene::Align::Right);
}

void RowList::note(const std::string& text, scene::Color color) {
    const float line = writer.line(writer.small());
    for (const std::string& part : wrapText(writer.service, text, writer.small(), m_width)) {
        writer.label(take(line), part, writer.small(), color);
    }
}

namespace {

constexpr float kFaint = 0.42F; // as controls that cannot be used

} // namespace

void RowList::figure(const Figure& figure) {
    const auto& [value, label, tag, tagColor, isFaint] = figure;
    const scene::Color ink =
        isFaint ? scene::mix(writer.theme.text, writer.theme.surface, kFaint) : writer.theme.text;
    const float line = writer.line(writer.figure());
    const float column = std::min(m_width, writer.width("+00.000", writer.figure()));
    const float gap = writer.theme.grid;
    const float beside = m_width - column - gap;
    const float tagWidth = std::min(m_width, writer.width(tag, writer.small()) + 1);
    const float labelWidth = writer.width(label, writer.ui()) + 1;
    const bool narrow = labelWidth > beside;
    scene::Rect row = take(line);
    writer.label({row.x, row.y, narrow ? m_width : column, line}, value, writer.figure(), ink,
                 narrow ? scene::Align::Left : scene::Align::Right);
    const float labelX = narrow ? row.x : row.x + column + gap;
    row = narrow ? take(writer.line(writer.ui())) : row;
    const float room = row.right() - labelX;
    const bool tagFits = labelWidth + gap / 2 + tagWidth <= room;
    writer.label({labelX, row.y, tagFits ? room - tagWidth : room, row.height}, label, writer.ui(),
                 ink);
    if (tagFits) {
        writer.label({row.right() - tagWidth, row.y, tagWidth, row.height}, tag, writer.small(),
                     tagColor, scene::Align::Right);
        return;
    }
    const float small = writer.line(writer.small());
    for (const std::string& part : wrapText(writer.service, tag, writer.small(), room)) {
        writer.label({labelX, take(small).y, room, small}, part, writer.small(), tagColor);
    }
}

void RowList::figureInLine(const Figure& figure, Tag tag) {
    const scene::Color ink = figure.isFaint
                                 ? scene::mix(writer.theme.text, writer.theme.surface, kFaint)
                                 : writer.theme.text;
    const float line = writer.line(writer.ui());
    const std::string words = figure.value + ' ' + figure.label;
    for (const std::string& part : wrapText(writer.service, words, writer.ui(), m_width)) {
        writer.label(take(line), part, writer.ui(), ink);
    }
    if (tag == Tag::Shown && !figure.tag.empty()) {
        note(figure.tag, figure.tagColor);
    }
}

void RowList::pair(const std::string& name, const std::string& value, const char* word) {
    const float top = m_y;
    const float line = writer.line(writer.ui());
    const float valueWidth = std::min(m_width, writer.width(value, writer.ui()) + 1);
    const float nameWidth = writer.width(name, writer.ui());
    scene::Rect row = take(line);
    if (nameWidth + writer.theme.grid + valueWidth > m_width) {
        writer.label(row, name, writer.ui(), writer.theme.muted);
        row = take(line);
    } else {
        writer.label({row.x, row.y, row.width - valueWidth, line}, name, writer.ui(),
                     writer.theme.muted);
    }
    writer.label({row.right() - valueWidth, row.y, valueWidth, line}, value, writer.ui(),
                 writer.theme.text, scene::Align::Right);
    explain(top, word);
}

std::vector<float> RowList::columnWidths(const std::vector<Bar>& rows,
                                         const std::vector<std::string>& titles) const {
    std::vector<float> widths;
    for (const std::string& title : titles) {
        widths.push_back(writer.width(title, writer.small()) + 1);
    }
    for (const Bar& bar : rows) {
        widths.resize(std::max(widths.size(), bar.values.size()), 0);
        for (std::size_t i = 0; i < bar.values.size(); ++i) {
            widths[i] = std::max(widths[i], writer.width(bar.values[i], writer.ui()) + 1);
        }
    }
    return widths;
}

void RowList::columns(scene::Rect row,
                      const std::vector<std::string>& cells,
                      const std::vector<float>& widths,
                      bool titles) {
    float right = row.right();
    for (std::size_t i = cells.size(); i-- > 0;) {
        const float width = std::min(widths[i], right - row.x);
        writer.label({right - width, row.y, width, row.height}, cells[i],
                     titles ? writer.small() : writer.ui(),
                     titles ? writer.theme.muted : writer.theme.text, scene::Align::Right);
        right -= width + writer.theme.grid;
    }
}

void RowList::bars(const std::vector<Bar>& rows, const std::vector<std::string>& titles) {
    const float gap = writer.theme.grid;
    const std::vector<float> widths = columnWidths(rows, titles);
    float labels = 0;
    for (const Bar& bar : rows) {
        labels = std::max(labels, writer.width(bar.label, writer.ui()) + 1);
    }
    float values = 0;
    for (const float width : widths) {
        values += width + gap;
    }
    const float line = writer.line(writer.ui()) + writer.px(2);
    const bool beside = labels + gap + writer.px(32) + values <= m_width;
    // Where not even name and figures fit side by side, the name has a line of its own.
    const bool stacked = labels + values > m_width;
    if (!titles.empty()) {
        columns(take(writer.line(writer.small())), titles, widths, true);
    }
    for (const Bar& bar : rows) {
        const float top = m_y;
        scene::Rect row = take(line);
        writer.label({row.x, row.y, std::min(labels, m_width), line}, bar.label, writer.ui(),
                     writer.theme.text);
        row = stacked ? take(line) : row;
        columns(row, bar.values, widths, false);
        scene::Rect rail{row.x + labels + gap, row.y + line / 2 - writer.px(3),
                         m_width - labels - gap - values, writer.px(6)};
        if (!beside) {
            const scene::Rect below = take(writer.px(10));
            rail = {below.x, below.y + writer.px(1), m_width, writer.px(5)};
        }
        drawRail(rail, bar);
        if (!bar.tip.empty()) {
            writer.out.hit(
                {{m_left, top, m_width, m_y - top}, scene::HitKind::Body, -1, -1, {}, bar.tip});
        }
    }
}

void RowList::drawRail(scene::Rect rail, const Bar& bar) {
    const scene::Color track = scene::mix(writer.theme.hairline, writer.theme.surface, 0.6F);
    writer.out.fill(rail, track, writer.px(1));
    const float share = static_cast<float>(std::clamp(bar.share, 0.0, 1.0));
    const scene::Rect filled{rail.x, rail.y, rail.width * share, rail.height};
    writer.out.fill(filled, bar.color.value_or(writer.theme.muted), writer.px(1));
    if (bar.hatch > 0 && filled.width > 0) {
        writer.out.hatch(filled, writer.theme.surface, writer.px(bar.hatch));
    }
    if (bar.alarmed) {
        writer.out.hatch(rail, writer.theme.warning, writer.px(4));
    }
    if (bar.mark) {
        const float x = rail.x + rail.width * static_cast<float>(std::clamp(*bar.mark, 0.0, 1.0));
        writer.out.line({x, rail.y - writer.px(2)}, {x, rail.bottom() + writer.px(2)},
                        writer.theme.text, writer.px(1));
    }
}

void RowList::button(const std::string& text, const std::string& action) {
    if (writer.onPaper) {
        return;
    }
    const float height = std::max(writer.px(24), writer.line(writer.ui()) + writer.theme.grid);
    const float width = std::min(m_width, writer.width(text, writer.ui()) + 3 * writer.theme.grid);
    const scene::Rect row = take(height);
    const scene::Rect box{row.x, row.y, width, height};
    writer.out.fill(box, writer.theme.raised, writer.px(4));
    writer.out.stroke(box, writer.theme.hairline, writer.px(1), writer.px(4));
    writer.label({box.x + writer.theme.grid / 2, box.y, width - writer.theme.grid, height}, text,
                 writer.ui(), writer.theme.text, scene::Align::Center);
    writer.out.hit({box, scene::HitKind::Button, -1, -1, action, text});
}

namespace {

// The bar at the right that says there is more.
void drawScrollBar(SceneWriter& writer, double scrollY, float content) {
    const float height = writer.bounds.height;
    if (content <= height) {
        return;
    }
    const float length = std::max(writer.px(16), height * height / content);
    const auto share = static_cast<float>(scrollY / (double{content} - double{height}));
    writer.out.fill(
        {writer.bounds.width - writer.px(5), share * (height - length), writer.px(3), length},
        writer.theme.hairline, writer.px(1.5F));
}

} // namespace

scene::Scene RowListPanel::draw(const trace::TraceView& view,
                                const ViewState& state,
                                const Cursor& cursor,
                                const Viewport& viewport) const {
    const std::string nothing = emptyState(view, cursor, *viewport.text);
    if (!nothing.empty()) {
        const bool noRun = shownRun(view) == nullptr;
        return SceneWriter(viewport).empty(noRun ? whyEmpty(view, nothing, *viewport.text)
                                                 : nothing);
    }
    // The height is known only when the list is filled: once to measure, once where it belongs.
    const float content = contentHeight(view, cursor, viewport);
    const double scrollY = clampedScroll(state.scrollY, content, viewport.bounds.height);

    SceneWriter writer(viewport);
    writer.out.hit({writer.bounds, scene::HitKind::Body, -1, -1, {}, {}});
    RowList list(writer, -static_cast<float>(scrollY));
    fillRows(list, view, cursor);
    drawScrollBar(writer, scrollY, content);
    writer.out.summary(summary(view, cursor, *viewport.text));
    return writer.out.take();
}

InputResponse RowListPanel::respond(const Shown& shown, const Input& input) const {
    InputContext context{shown, *this};
    context.contentHeight = contentHeight(shown.view, shown.cursor, shown.viewport);
    context.windowHeight = shown.viewport.bounds.height;
    return respondTo(context, input);
}

float RowListPanel::contentHeight(const trace::TraceView& view,
                                  const Cursor& cursor,
                                  const Viewport& viewport) const {
    if (!emptyState(view, cursor, *viewport.text).empty()) {
        return 0;
    }
    SceneWriter measuring(viewport);
    RowList probe(measuring, 0);
    fillRows(probe, view, cursor);
    return probe.y() + measuring.theme.grid;
}

} // namespace depthscope::instruments
