// SPDX-License-Identifier: MIT
// What a run spent on each patch, over the pictures that it made. Pure, any thread.
#pragma once

#include "widgets/instruments/patch_grid.h"
#include "widgets/instruments/scene_writer.h"

#include <cstdint>

namespace depthscope::instruments {

/// One picture of a run on screen.
struct OverlayTarget {
    const trace::RunView& run;
    const PatchGrid& grid;
    const PictureMap& map;
    std::int64_t frame = 0; ///< of the clip
    scene::Rect part;       ///< what shows of the panel's area
};

/// The model has what the overlay shows.
[[nodiscard]] bool hasOverlay(const trace::RunView& run, OverlayBy by);

/// Tint, contour or veil, as the state says, and the cursor's patch.
void drawOverlay(SceneWriter& writer,
                 const OverlayTarget& target,
                 const ViewState& state,
                 const Cursor& cursor);

} // namespace depthscope::instruments
