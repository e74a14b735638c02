// SPDX-License-Identifier: MIT
// The legend of what lies over the pictures of a run. Pure, any thread.
#pragma once

#include "widgets/instruments/scene_writer.h"

#include <string>

namespace depthscope::instruments {

/// What the colours mean, in the lower left corner of `area`; where the truth is known, how well
/// the depth tells the patches that move. Says why where there is nothing to show.
void drawOverlayLegend(SceneWriter& writer,
                       const trace::RunView& run,
                       const ViewState& state,
                       scene::Rect area);

/// "AUC of depth against motion 0.94, 0.5 is chance", of the patches that were predicted; empty:
/// not known.
[[nodiscard]] std::string motionText(const trace::RunView& run, const scene::TextService& text);

} // namespace depthscope::instruments
