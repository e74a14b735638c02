// SPDX-License-Identifier: MIT
// The pixels of the depth heat map: one column per token, one row per recursion, recursion 1 at the
// bottom. Pure, any thread.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/scene/scene.h"
#include "widgets/scene/theme.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace depthscope::instruments {

/// A run of columns of the map. Where tokens are narrower than a pixel, a column is the mean of a
/// group, so that nearest filtering loses none; groups start at multiples of their size and stand
/// still in a pan.
struct DepthTile {
    int firstPlace = 0;
    int places = 0;
    std::shared_ptr<const scene::Bitmap> bitmap;
};

/// A map of cells: the colour of each, rows from the bottom. Transparent cells count for nothing.
struct CellMap {
    int places = 0;
    int rows = 0;
    std::function<scene::Color(std::size_t row, std::size_t place)> colorAt;
};

/// What of a map has to be there, and how it is shown.
struct CellRange {
    int begin = 0; ///< places; tiles may hold more
    int end = 0;
    double cell = 1;   ///< pixels per place
    float opacity = 1; ///< of the ghost
};

/// Tiles of at most 4,096 columns that cover the places asked for.
[[nodiscard]] std::vector<DepthTile> cellTiles(const CellMap& map, const CellRange& range);

struct DepthBitmapRequest {
    const trace::RunView* run = nullptr;
    const scene::Theme* theme = nullptr;
    int begin = 0; ///< tokens (or frames) that have to be there; tiles may hold more
    int end = 0;
    double cell = 1;   ///< pixels per token
    float opacity = 1; ///< of the ghost
};

/// Tiles of at most 4,096 columns that cover the tokens asked for. A cell is scene::scoreColor of
/// the score where the token was kept, the theme's absent colour where it left, transparent where
/// it was not considered, and a neutral tone where it was kept without a score.
[[nodiscard]] std::vector<DepthTile> depthTiles(const DepthBitmapRequest& request);

/// One frame of a grid at one recursion, from 0: its patches as pixels.
struct DepthPicture {
    int frame = 0;
    int recursion = 0;
    std::shared_ptr<const scene::Bitmap> bitmap;
};

/// The same colours, of frames [begin, end) of the run's layout at each recursion; `cell` is not
/// used.
[[nodiscard]] std::vector<DepthPicture> depthPictures(const DepthBitmapRequest& request);

} // namespace depthscope::instruments
