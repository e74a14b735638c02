// SPDX-License-Identifier: MIT
#include "widgets/instruments/choice_button.h"

namespace depthscope::instruments {

float drawChoice(SceneWriter& writer, scene::Rect room, const Choice& choice) {
    const scene::Theme& theme = writer.theme;
    const float width = writer.width(choice.words, writer.small()) + writer.px(12);
    const scene::Rect box{room.x, room.y, width, room.height};
    if (width > room.width) {
        return room.x;
    }
    writer.out.fill(box, choice.isOn ? theme.hairline : theme.raised, writer.px(4));
    writer.out.stroke(box, theme.hairline, writer.px(1), writer.px(4));
    writer.label(box, choice.words, writer.small(), choice.isOn ? theme.text : theme.muted,
                 scene::Align::Center);
    writer.out.hit({box, scene::HitKind::Button, -1, -1, choice.action, choice.tip});
    return box.right() + writer.px(4);
}

} // namespace depthscope::instruments
