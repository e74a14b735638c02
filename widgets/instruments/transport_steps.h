// SPDX-License-Identifier: MIT
// The lower strip of TRANSPORT where a run denoises: from noise to the clip, step by step. Pure,
// any thread.
#pragma once

#include "widgets/instruments/input_response.h"
#include "widgets/instruments/transport_strip.h"

#include <string>

namespace depthscope::instruments {

/// The main run has more than one denoising step.
[[nodiscard]] bool walksSteps(const trace::TraceView& view);

/// "step 3 of 8, t = 0.75": of the main run, the one looked at.
[[nodiscard]] std::string stepText(const trace::TraceView& view, const scene::TextService& text);

/// In the lower strip.
void drawSteps(SceneWriter& writer, const Viewport& viewport, const trace::TraceView& view);

/// What concerns the lower strip: pressing and dragging on its track, the keys Up and Down; nothing
/// where the input is for the upper one.
[[nodiscard]] std::optional<InputResponse> respondOfSteps(const InputContext& context,
                                                          const Input& input);

} // namespace depthscope::instruments
