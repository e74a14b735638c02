// SPDX-License-Identifier: MIT
// The key at the right of a map over tokens: which colour is which value; of DEPTH also what the
// dot means.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

#include <array>
#include <functional>
#include <string>

namespace depthscope::instruments {

/// Title, bar, and numbers at its ends and its middle; then what the dot means, where there are
/// dots.
struct MapKey {
    std::string title;
    std::string tip;
    std::array<std::string, 3> numbers;         ///< at 0, 1/2 and 1
    std::function<scene::Color(float)> colorAt; ///< 0 to 1
    bool dots = false;
    float bottom = 0; ///< where it ends; 0: with the panel
};

/// Nothing where there is no room.
void drawMapKey(SceneWriter& writer, const PlotFrame& frame, const MapKey& key);

/// Nothing where there is no room, or no router.
void drawScoreKey(SceneWriter& writer, const PlotFrame& frame, const trace::RunView& run);

/// Of mean depths, 1 to the number of recursions.
void drawDepthKey(SceneWriter& writer, const PlotFrame& frame, int recursions);

} // namespace depthscope::instruments
