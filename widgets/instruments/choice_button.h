// SPDX-License-Identifier: MIT
// Small controls at the head of a panel, one of which is on. Draws with the caller's writer.
#pragma once

#include "widgets/instruments/scene_writer.h"

#include <string>

namespace depthscope::instruments {

struct Choice {
    std::string words;
    std::string tip;
    std::string action; ///< of its Button hit
    bool isOn = false;
};

/// At the left of `room`, which is left as it is where the words do not fit; where the next one
/// begins.
[[nodiscard]] float drawChoice(SceneWriter& writer, scene::Rect room, const Choice& choice);

} // namespace depthscope::instruments
