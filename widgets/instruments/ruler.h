// SPDX-License-Identifier: MIT
// The ruler below a token axis: token numbers from 1 at round distances, and where the prompt ends.
// Draws with the caller's writer.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// One small line of text from `y`, with ticks above the numbers.
void drawRuler(SceneWriter& writer, const PlaceAxis& axis, const trace::RunView& run, float y);

struct Span {
    float from = 0;
    float to = 0;
};

/// A hairline where the prompt ends and the generated tokens begin, if that is in view.
void drawPromptEnd(SceneWriter& writer,
                   const PlaceAxis& axis,
                   const trace::RunView& run,
                   Span vertical);

} // namespace depthscope::instruments
