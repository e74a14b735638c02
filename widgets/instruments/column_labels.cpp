// SPDX-License-Identifier: MIT
#include "widgets/instruments/column_labels.h"

#include "widgets/instruments/piece_text.h"
#include "widgets/scene/geometry.h"

#include <algorithm>

namespace depthscope::instruments {

namespace {

constexpr float kLeastRising = 12;  // pixels of a column from which a rising line has room
constexpr float kLeastLevel = 20;   // and a part of a level word
constexpr float kMostLength = 64;   // of a rising line
constexpr float kLeastLength = 24;  // less would say nothing
constexpr float kLineOfSize = 1.2F; // height of a rising line, against its font size

} // namespace

ColumnLabels::ColumnLabels(const SceneWriter& writer,
                           const trace::RunView& run,
                           const PlaceAxis& axis,
                           float room)
    : m_style{scene::FontFamily::Mono, writer.theme.smallSize, {}} {
    const auto cell = static_cast<float>(axis.cell);
    const float level = levelHeight(writer);
    if (!run.isText() || cell < writer.px(kLeastRising) || room < level) {
        return;
    }
    float widest = 0;
    for (int place = axis.firstVisible(); place < axis.endVisible(); ++place) {
        m_words.push_back(columnWord(run, static_cast<std::size_t>(place), writer.service));
        widest = std::max(widest, writer.width(m_words.back(), m_style));
    }
    if (widest <= cell - writer.px(2)) {
        m_height = level;
        return;
    }
    const float line = m_style.size * kLineOfSize;
    const float upright = scene::risingBox({{}, 1, 0}).height; // of a pixel of a line
    const float foot = scene::risingBox({{}, 0, line}).height;
    m_length = std::min({widest + 1, writer.px(kMostLength), (room - foot) / upright});
    m_height = m_length * upright + foot;
    if (m_length < std::min(widest, writer.px(kLeastLength))) {
        m_length = 0;
        m_height = cell >= writer.px(kLeastLevel) ? level : 0;
    }
}

float ColumnLabels::levelHeight(const SceneWriter& writer) const {
    return writer.line(m_style) + writer.px(2);
}

void ColumnLabels::draw(SceneWriter& writer,
                        const PlaceAxis& axis,
                        float top,
                        std::optional<int> lit) const {
    const float line = m_style.size * kLineOfSize;
    for (std::size_t i = 0; i < m_words.size() && m_height > 0; ++i) {
        const int place = axis.firstVisible() + static_cast<int>(i);
        const scene::Color color = lit == place ? writer.theme.text : writer.theme.muted;
        if (m_length == 0) {
            writer.label({axis.x(place) + writer.px(1), top,
                          static_cast<float>(axis.cell) - writer.px(2), writer.line(m_style)},
                         m_words[i], m_style, color, scene::Align::Center);
            continue;
        }
        std::string word = writer.service.elide(m_words[i], m_style, m_length);
        const float length = writer.width(word, m_style) + 1;
        // The middle of its end stands under the middle of the column.
        const scene::Rect box = scene::risingBox({{0, top}, length, line});
        const scene::Rect unit = scene::risingBox({{0, 0}, 0, line});
        writer.out.risingText(
            {axis.x(place + 0.5) + box.x - unit.width / 2, box.y, box.width, box.height},
            std::move(word), m_style, color);
    }
}

} // namespace depthscope::instruments
