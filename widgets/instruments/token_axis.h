// SPDX-License-Identifier: MIT
// The token axis that heat map, memory and transport share: which token lies at which x, and what
// zooming, panning and following make of a view state. Pure maths, any thread. Tokens count from 0.
#pragma once

#include "engine/trace/run_view.h"
#include "widgets/instruments/instrument.h"

namespace depthscope::instruments {

/// The horizontal layout of every panel with a token axis: it depends on the panel's width and the
/// text service alone, so that panels of one width line up.
struct PlotFrame {
    float left = 0;       ///< x of the plot
    float width = 0;      ///< of the plot
    float rightWidth = 0; ///< gutter beside the plot for keys; 0 in narrow panels
    bool wide = false;    ///< room for "recursion 3" instead of "rec. 3"
};

[[nodiscard]] PlotFrame plotFrame(const Viewport& viewport);

/// A view state resolved against a plot and a number of tokens: fitted, clamped, following.
struct TokenAxis {
    float left = 0;
    float width = 0;
    double cell = 1;  ///< logical pixels per token
    double first = 0; ///< token (fractional) at the left edge
    double mostCell =
        64; ///< the widest a token gets, also when few of them would have to fill the plot
    int tokens = 0;

    [[nodiscard]] float x(double token) const {
        return static_cast<float>(left + (token - first) * cell);
    }

    [[nodiscard]] double tokenPlace(float at) const { return first + (at - left) / cell; }

    [[nodiscard]] double visible() const { return width / cell; }

    /// Cell width at which all tokens show.
    [[nodiscard]] double fitCell() const;

    /// -1: no token there.
    [[nodiscard]] int tokenAt(float at) const;
    [[nodiscard]] int firstVisible() const;
    /// One past the last token that shows.
    [[nodiscard]] int endVisible() const;
    /// Right edge of the last token or of the plot, whichever comes first.
    [[nodiscard]] float dataRight() const;

    [[nodiscard]] float dataWidth() const { return dataRight() - left; }
};

/// `run` may be null. Follows the newest token only where tokens are being generated.
[[nodiscard]] TokenAxis
tokenAxis(const ViewState& state, const trace::RunView* run, const Viewport& viewport);

/// Zooms by `factor` and keeps the token under `at` where it is.
[[nodiscard]] ViewState
zoomed(const ViewState& state, const TokenAxis& axis, float at, double factor);

/// Moves the tokens by `dx` pixels to the right.
[[nodiscard]] ViewState panned(const ViewState& state, const TokenAxis& axis, float dx);
[[nodiscard]] ViewState fitted(const ViewState& state);

/// Moves as little as needed to bring a token into sight.
[[nodiscard]] ViewState revealed(const ViewState& state, const TokenAxis& axis, int token);

/// Distance between labelled ruler ticks, of 1, 2, 5, 10, 20, ..: labels stand at least `space`
/// pixels apart.
[[nodiscard]] int rulerStep(double cell, float space);

} // namespace depthscope::instruments
