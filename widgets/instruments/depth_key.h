// SPDX-License-Identifier: MIT
// The key at the right of DEPTH: which colour is which router score or depth, and what the dot
// means.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// Nothing where there is no room, or no router.
void drawScoreKey(SceneWriter& writer, const PlotFrame& frame, const trace::RunView& run);

/// Of mean depths, 1 to the number of recursions.
void drawDepthKey(SceneWriter& writer, const PlotFrame& frame, int recursions);

} // namespace depthscope::instruments
