// SPDX-License-Identifier: MIT
#include "widgets/instruments/ruler.h"

#include <algorithm>

namespace depthscope::instruments {

void drawRuler(SceneWriter& writer, const PlaceAxis& axis, const trace::RunView& run, float y) {
    const scene::TextStyle style = writer.small();
    const float line = writer.line(style);
    const std::string widest = writer.service.number(axis.places, 0);
    const float space = writer.width(widest, style) + writer.px(24);
    const int step = rulerStep(axis.cell, space);
    const bool generated = run.places() > run.promptPlaces;
    const std::string mark = writer.say("generated");
    const float markX = axis.x(static_cast<double>(run.promptPlaces)) + writer.px(4);
    const float markWidth = writer.width(mark, style);
    const bool marks =
        generated && markX >= axis.left && markX + markWidth <= axis.left + axis.width;

    const int begin = std::max(1, axis.firstVisible() / step * step);
    for (int number = begin; number <= axis.endVisible(); number = number / step * step + step) {
        const float x = axis.x(number - 0.5);
        const float half = space / 2;
        const bool hidden =
            marks && x + half > markX - writer.px(4) && x - half < markX + markWidth;
        if (x < axis.left || x > axis.left + axis.width || hidden) {
            continue;
        }
        writer.out.line({x, y}, {x, y + writer.px(3)}, writer.theme.hairline, writer.px(1));
        const float left = std::max(0.0F, std::min(x - half, writer.bounds.width - space));
        writer.label({left, y + writer.px(2), space, line - writer.px(2)},
                     writer.service.number(number, 0), style, writer.theme.muted,
                     scene::Align::Center);
    }
    if (marks) {
        writer.label({markX, y + writer.px(2), markWidth + 1, line - writer.px(2)}, mark, style,
                     writer.theme.text);
    }
}

void drawPromptEnd(SceneWriter& writer,
                   const PlaceAxis& axis,
                   const trace::RunView& run,
                   Span vertical) {
    const auto prompt = static_cast<double>(run.promptPlaces);
    const bool seen = prompt > axis.first && prompt < axis.first + axis.visible();
    if (run.promptPlaces < run.places() && seen) {
        const float x = axis.x(prompt);
        writer.out.line({x, vertical.from}, {x, vertical.to}, writer.theme.text, writer.px(1));
    }
}

} // namespace depthscope::instruments
