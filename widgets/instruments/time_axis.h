// SPDX-License-Identifier: MIT
// The horizontal axis of seconds: a PlaceAxis whose places are equal parts of the whole duration,
// so that zooming and panning are those of the axis of places. Pure; any thread.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

struct TimeAxis {
    PlaceAxis parts;
    double seconds = 1; ///< all of it

    [[nodiscard]] float x(double second) const;
    [[nodiscard]] double secondAt(float x) const;
    [[nodiscard]] double secondsOfPixel() const;
};

/// Of the plot that `frame` gives, as `state` zooms and pans it.
[[nodiscard]] TimeAxis timeAxis(const ViewState& state, const PlotFrame& frame, double seconds);

/// Milliseconds or seconds at round distances in one small line from `y`.
void drawTimeRuler(SceneWriter& writer, const TimeAxis& axis, float y);

} // namespace depthscope::instruments
