// SPDX-License-Identifier: MIT
// Which place of a video model's run lies where in its pictures: a place is a patch of a few pixels
// in a few frames. Pure, any thread. Places are entries of the run, frames of the clip and pixels
// count from 0.
#pragma once

#include "engine/spec/clip_preset.h"
#include "engine/trace/trace_store.h"
#include "widgets/instruments/picture_map.h"

#include <cstdint>
#include <optional>
#include <string>

namespace depthscope::instruments {

struct PatchGrid {
    trace::Layout layout;
    spec::ClipSize patch;        ///< frames and pixels of one
    std::int32_t firstPlace = 0; ///< of the run's entries

    /// The layout's frame that a frame of the clip lies in.
    [[nodiscard]] std::int32_t layerOf(std::int64_t frame) const {
        return static_cast<std::int32_t>(frame / patch.frames);
    }

    /// Entry of the run; negative: a recording began later.
    [[nodiscard]] int placeAt(std::int64_t frame, std::int32_t row, std::int32_t column) const {
        return (layerOf(frame) * layout.rows + row) * layout.columns + column - firstPlace;
    }

    [[nodiscard]] int placeAt(std::int64_t frame, PixelPlace pixel) const {
        return placeAt(frame, static_cast<std::int32_t>(pixel.row / patch.height),
                       static_cast<std::int32_t>(pixel.column / patch.width));
    }

    [[nodiscard]] trace::PlacePosition positionOf(int place) const {
        return trace::positionOf(layout, std::int64_t{place} + firstPlace);
    }

    /// On screen, on whole pixels: neighbours share their edges.
    [[nodiscard]] scene::Rect rectOf(const PictureMap& map, int row, int column) const;
};

/// What lies under a point.
struct PatchUnder {
    const trace::RunView* run = nullptr; ///< never null
    PatchGrid grid;
    int place = 0; ///< of the run
};

/// Nothing where the pictures are not those of the run's patches.
[[nodiscard]] std::optional<PatchGrid> patchGrid(const trace::RunView& run,
                                                 const trace::ClipView& clip);

/// The run whose pictures a clip shows, where its places are patches of them; null otherwise.
[[nodiscard]] const trace::RunView* runOf(const trace::TraceView& view,
                                          const trace::ClipView& clip);

/// It says what was spent on each of its places: neither the truth nor a model without routing
/// does.
[[nodiscard]] bool isRouted(const trace::RunView& run);

/// Exact values of a patch: where it is, its class, depth, scores and experts, a line each.
[[nodiscard]] std::string patchText(const trace::RunView& run,
                                    const PatchGrid& grid,
                                    int place,
                                    const scene::TextService& text);

/// The expert that a place chose first in the first layer of experts; nothing: it chose none.
[[nodiscard]] std::optional<int> firstExpert(const trace::RunView& run, std::size_t place);

} // namespace depthscope::instruments
