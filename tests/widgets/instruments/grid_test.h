// SPDX-License-Identifier: MIT
// What the tests of the panels on a grid share: its run in a store, and a cursor on a place.
#pragma once

#include "tests/widgets/instruments/grid_run.h"
#include "tests/widgets/instruments/panel_test.h"

#include <vector>

namespace depthscope::tests {

inline constexpr int kPlace = 8; ///< "row 2, column 3" of the first frame

[[nodiscard]] inline trace::TraceStore storeOf(const std::vector<trace::StepPtr>& steps) {
    trace::TraceStore store;
    for (const trace::StepPtr& step : steps) {
        store.add(step);
    }
    return store;
}

/// The run and the same at full depth.
[[nodiscard]] inline trace::TraceStore storeOf(const GridRun& grid) {
    std::vector<trace::StepPtr> steps = grid.steps();
    for (const trace::StepPtr& step : grid.steps(trace::kFullDepthRun, true)) {
        steps.push_back(step);
    }
    return storeOf(steps);
}

[[nodiscard]] inline instruments::Cursor pinnedAt(int place) {
    instruments::Cursor cursor;
    cursor.pinnedPlace = place;
    return cursor;
}

} // namespace depthscope::tests
