// SPDX-License-Identifier: MIT
// DEPTH of a grid of patches: its frames as small pictures side by side, a row of them for each
// recursion, the first at the bottom. Pure, any thread.
#pragma once

#include "widgets/instruments/input_response.h"

namespace depthscope::instruments {

/// The run shown has places, and its layout is a grid.
[[nodiscard]] scene::Scene drawDepthFrames(const trace::TraceView& view,
                                           const ViewState& state,
                                           const Cursor& cursor,
                                           const Viewport& viewport);

/// Arrows walk through columns and rows, from frame to frame and from recursion to recursion; the
/// rest is as in all panels with an axis.
[[nodiscard]] InputResponse respondOnFrames(const InputContext& context, const Input& input);

} // namespace depthscope::instruments
