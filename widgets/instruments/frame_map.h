// SPDX-License-Identifier: MIT
// Where the patches of a grid stand in DEPTH. A frame takes the share of the axis of places that
// its places have, so that zooming and panning are those of the other panels. Pure maths, any
// thread; frames and recursions count from 0, places from the layout's first.
#pragma once

#include "widgets/instruments/place_axis.h"

#include <string>

namespace depthscope::instruments {

struct FrameMap {
    PlotFrame gutters;
    PlaceAxis axis; ///< also of a run that lacks its first places
    trace::Layout layout;
    int recursions = 1;
    float cell = 1;      ///< side of a patch
    float rowPitch = 1;  ///< from recursion to recursion
    scene::Rect plot;    ///< all frames that can be seen
    std::string note;    ///< why there is no router; empty: there is one
    scene::Rect noteBox; ///< no height: no room
    float rulerY = 0;    ///< of the frames' numbers; 0: no room
    float sidesY = 0;    ///< of the words below them; 0: none

    [[nodiscard]] int placesOfFrame() const { return layout.rows * layout.columns; }

    [[nodiscard]] scene::Rect frameBox(int frame, int recursion) const;
    [[nodiscard]] scene::Rect cellBox(int place, int recursion) const;
    [[nodiscard]] int firstFrame() const;
    /// One past the last frame that shows.
    [[nodiscard]] int endFrame() const;
};

/// `run` has places, and its layout is a grid.
[[nodiscard]] FrameMap
frameMap(const ViewState& state, const trace::RunView& run, const Viewport& viewport);

} // namespace depthscope::instruments
