// SPDX-License-Identifier: MIT
// A bitmap of few cells as rectangles, for vector formats: their readers smooth pictures and store
// them with loss. Pure, any thread.
#pragma once

#include "widgets/scene/shapes.h"

#include <optional>
#include <vector>

namespace depthscope::paint::qt {

/// Equal cells side by side, and equal lines below each other, in cells of the bitmap.
struct CellRun {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
    scene::Color color;
    /// What is painted later covers a little more at this edge, so that no ground shows through.
    bool joinsRight = false;
    bool joinsBelow = false;

    [[nodiscard]] bool operator==(const CellRun&) const = default;
};

/// All cells that are not transparent, from the upper left on; nothing where there are more than
/// `most` runs or the bitmap has no cells.
[[nodiscard]] std::optional<std::vector<CellRun>> cellRuns(const scene::Bitmap& bitmap,
                                                           std::size_t most);

} // namespace depthscope::paint::qt
