// SPDX-License-Identifier: MIT
// What stands below the map of CONVERGENCE: where each exit rule would stop every token, or of one
// token the curve of a quantity or the path of its states. Draws with the caller's writer.
#pragma once

#include "widgets/instruments/place_axis.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// What is drawn and where. Lives for one draw call.
struct PartContext {
    const trace::TraceView& view; ///< with a main run and its convergence
    const ViewState& state;
    const Cursor& cursor;
    const PlotFrame& frame;
    const PlaceAxis& axis;
    scene::Rect box; ///< across the whole panel
};

/// The height that the part chosen would like, in logical pixels.
[[nodiscard]] float partHeight(const SceneWriter& writer, const PartContext& context);

void drawPart(SceneWriter& writer, const PartContext& context);

/// Values of a quantity at the ends of its scale: of what is seen, cosines up to 1.
struct QuantityRange {
    double low = 0;
    double high = 1;

    /// Place in the range, 0 settled to 1 unsettled; a rank on a logarithmic scale.
    [[nodiscard]] double share(trace::Quantity quantity, double value) const;
    /// The value there.
    [[nodiscard]] double at(trace::Quantity quantity, double share) const;
};

[[nodiscard]] QuantityRange quantityRange(const trace::Convergence& convergence,
                                          trace::Quantity quantity);

/// Of a place in a range: pale is settled.
[[nodiscard]] scene::Color settlingColor(const scene::Theme& theme, double share);

} // namespace depthscope::instruments
