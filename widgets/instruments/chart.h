// SPDX-License-Identifier: MIT
// A plot of values over counted steps: where a value lies, its title and its two rulers. Draws with
// the caller's writer, in small type.
#pragma once

#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// A plot area with its axes. Values outside lie on the edge.
struct Chart {
    scene::Rect plot;
    double steps = 1; ///< at the right edge
    double low = 0;
    double high = 1;

    [[nodiscard]] float x(double step) const;
    [[nodiscard]] float y(double value) const;
};

/// Something at each end of the first line of a box.
void drawChartTitle(SceneWriter& writer,
                    scene::Rect box,
                    const std::string& title,
                    const std::string& right);

/// Numbers below the plot, one small line, and the axis.
void drawStepRuler(SceneWriter& writer, const Chart& chart);

/// Numbers and lines at round values; the numbers between `labelX` and the plot.
void drawValueRuler(SceneWriter& writer, const Chart& chart, float labelX);

} // namespace depthscope::instruments
