// SPDX-License-Identifier: MIT
// The line of facts below the picture of the VIDEO panel. Pure, any thread.
#pragma once

#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/video_layout.h"

namespace depthscope::instruments {

/// Of the clip of `view`, which is there, below the area of `layout`.
void drawVideoLine(SceneWriter& writer,
                   const trace::TraceView& view,
                   const ViewState& state,
                   const VideoLayout& layout);

} // namespace depthscope::instruments
