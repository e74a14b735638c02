// SPDX-License-Identifier: MIT
// The small buttons above the map of CONVERGENCE: which quantity it shows, and what stands below
// it. Draws with the caller's writer.
#pragma once

#include "widgets/instruments/scene_writer.h"

#include <string_view>

namespace depthscope::instruments {

struct ChoicesPlace {
    scene::Rect box;
    bool hasPart = true; ///< there is room below the map
};

/// In a line from the left, as many as there is room for.
void drawConvergenceChoices(SceneWriter& writer, ChoicesPlace place, const ViewState& state);

/// Whether an action is of one of the buttons: then it has changed the state.
[[nodiscard]] bool chooseConvergence(std::string_view action, ViewState& state);

} // namespace depthscope::instruments
