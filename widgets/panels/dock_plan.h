// SPDX-License-Identifier: MIT
// How docks share a window of a given size: three columns where it is wide enough, the ones at the
// sides in one column or all in one where it is not; docks of a column become tabs where it is too
// low to stack them. Pure, any thread.
#pragma once

#include "widgets/instruments/instrument.h"

#include <cstddef>
#include <span>
#include <vector>

namespace depthscope::panels {

struct PlannedDock {
    instruments::Column column = instruments::Column::Center;
    int least = 0;           ///< height in which it is of use, pixels at zoom 1
    bool staysApart = false; ///< becomes a tab last of all
    bool isShown = true;     ///< one that is hidden has a place and takes no room
};

/// Docks by their number; those of a group are tabs.
using DockGroup = std::vector<std::size_t>;

struct PlannedColumn {
    instruments::Column column = instruments::Column::Center; ///< that it is as wide as
    std::vector<DockGroup> groups;                            ///< from the top

    [[nodiscard]] bool operator==(const PlannedColumn&) const = default;
};

/// From the left to the right.
using DockPlan = std::vector<PlannedColumn>;

/// `width` and `height`: room for docks in pixels at zoom 1.
[[nodiscard]] DockPlan planDocks(std::span<const PlannedDock> docks, int width, int height);

/// Three columns without tabs: the layout that a user may rearrange.
[[nodiscard]] bool isPlain(const DockPlan& plan);

} // namespace depthscope::panels
