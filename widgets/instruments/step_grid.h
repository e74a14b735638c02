// SPDX-License-Identifier: MIT
// The second view of DEPTH for a run that denoises: a row for each step, from noise to the clip, a
// column for each frame of patches, coloured by their mean depth. Pure, any thread.
#pragma once

#include "widgets/instruments/input_response.h"
#include "widgets/instruments/scene_writer.h"

namespace depthscope::instruments {

/// There are steps to show, and the state asks for them.
[[nodiscard]] bool showsStepGrid(const trace::TraceView& view, const ViewState& state);

[[nodiscard]] scene::Scene
drawStepGrid(const trace::TraceView& view, const Cursor& cursor, const Viewport& viewport);

/// A click looks at a step, and at a frame where the clip on screen is the run's; so do Up and
/// Down.
[[nodiscard]] InputResponse respondOnStepGrid(const InputContext& context, const Input& input);

/// The button that changes between both views, at the left of the last line; nothing where the run
/// does not denoise, or there is no room. Where it is; empty: nowhere.
scene::Rect drawStepToggle(SceneWriter& writer, const trace::TraceView& view, bool byStep);

/// Whether an input presses that button: then the state with the other view.
[[nodiscard]] std::optional<InputResponse> respondOnStepToggle(const InputContext& context,
                                                               const Input& input);

} // namespace depthscope::instruments
