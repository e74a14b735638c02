// SPDX-License-Identifier: MIT
// The axis of places that heat map, memory and transport share: which place lies at which x, and
// what zooming, panning and following make of a view state. Pure maths, any thread. Places count
// from 0.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/instruments/instrument.h"

namespace depthscope::instruments {

/// The horizontal layout of every panel with an axis of places: it depends on the panel's width and
/// the text service alone, so that panels of one width line up.
struct PlotFrame {
    float left = 0;       ///< x of the plot
    float width = 0;      ///< of the plot
    float rightWidth = 0; ///< gutter beside the plot for keys; 0 in narrow panels
    bool wide = false;    ///< room for "recursion 3" instead of "rec. 3"
};

[[nodiscard]] PlotFrame plotFrame(const Viewport& viewport);

/// A view state resolved against a plot and a number of places: fitted, clamped, following.
struct PlaceAxis {
    float left = 0;
    float width = 0;
    double cell = 1;  ///< logical pixels per place
    double first = 0; ///< place (fractional) at the left edge
    double mostCell =
        64; ///< the widest a place gets, also when few of them would have to fill the plot
    int places = 0;

    [[nodiscard]] float x(double place) const {
        return static_cast<float>(left + (place - first) * cell);
    }

    [[nodiscard]] double placeUnder(float at) const { return first + (at - left) / cell; }

    [[nodiscard]] double visible() const { return width / cell; }

    /// Cell width at which all places show.
    [[nodiscard]] double fitCell() const;

    /// -1: no place there.
    [[nodiscard]] int placeAt(float at) const;
    [[nodiscard]] int firstVisible() const;
    /// One past the last place that shows.
    [[nodiscard]] int endVisible() const;
    /// Right edge of the last place or of the plot, whichever comes first.
    [[nodiscard]] float dataRight() const;

    [[nodiscard]] float dataWidth() const { return dataRight() - left; }
};

/// `run` may be null. Follows the newest place only where places are being generated. `mostCell`:
/// the widest a place gets; 0: the usual 64 at zoom 1.
[[nodiscard]] PlaceAxis placeAxis(const ViewState& state,
                                  const trace::RunView* run,
                                  const Viewport& viewport,
                                  double mostCell = 0);

/// Zooms by `factor` and keeps the place under `at` where it is.
[[nodiscard]] ViewState
zoomed(const ViewState& state, const PlaceAxis& axis, float at, double factor);

/// Moves the places by `dx` pixels to the right.
[[nodiscard]] ViewState panned(const ViewState& state, const PlaceAxis& axis, float dx);
[[nodiscard]] ViewState fitted(const ViewState& state);

/// Moves as little as needed to bring a place into view.
[[nodiscard]] ViewState revealed(const ViewState& state, const PlaceAxis& axis, int place);

/// Distance between labelled ruler ticks, of 1, 2, 5, 10, 20, ..: labels stand at least `space`
/// pixels apart.
[[nodiscard]] int rulerStep(double cell, float space);

} // namespace depthscope::instruments
