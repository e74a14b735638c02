// SPDX-License-Identifier: MIT
#include "widgets/instruments/ruler.h"

#include <algorithm>

namespace depthscope::instruments {

void drawRuler(Pen& pen, const PlaceAxis& axis, const trace::RunView& run, float y) {
    const scene::TextStyle style = pen.small();
    const float line = pen.line(style);
    const std::string widest = pen.service.number(axis.places, 0);
    const float space = pen.width(widest, style) + pen.px(24);
    const int step = rulerStep(axis.cell, space);
    const bool generated = run.places() > run.promptPlaces;
    const std::string mark = pen.say("generated");
    const float markX = axis.x(static_cast<double>(run.promptPlaces)) + pen.px(4);
    const float markWidth = pen.width(mark, style);
    const bool marks =
        generated && markX >= axis.left && markX + markWidth <= axis.left + axis.width;

    const int begin = std::max(1, axis.firstVisible() / step * step);
    for (int number = begin; number <= axis.endVisible(); number = number / step * step + step) {
        const float x = axis.x(number - 0.5);
        const float half = space / 2;
        const bool hidden = marks && x + half > markX - pen.px(4) && x - half < markX + markWidth;
        if (x < axis.left || x > axis.left + axis.width || hidden) {
            continue;
        }
        pen.out.line({x, y}, {x, y + pen.px(3)}, pen.theme.hairline, pen.px(1));
        const float left = std::max(0.0F, std::min(x - half, pen.bounds.width - space));
        pen.label({left, y + pen.px(2), space, line - pen.px(2)}, pen.service.number(number, 0),
                  style, pen.theme.muted, scene::Align::Center);
    }
    if (marks) {
        pen.label({markX, y + pen.px(2), markWidth + 1, line - pen.px(2)}, mark, style,
                  pen.theme.text);
    }
}

void drawPromptEnd(Pen& pen, const PlaceAxis& axis, const trace::RunView& run, Span vertical) {
    const auto prompt = static_cast<double>(run.promptPlaces);
    const bool seen = prompt > axis.first && prompt < axis.first + axis.visible();
    if (run.promptPlaces < run.places() && seen) {
        const float x = axis.x(prompt);
        pen.out.line({x, vertical.from}, {x, vertical.to}, pen.theme.text, pen.px(1));
    }
}

} // namespace depthscope::instruments
