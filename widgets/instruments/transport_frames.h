// SPDX-License-Identifier: MIT
// TRANSPORT while a clip is on screen: it walks along the frames, which the shared cursor names.
// Pure, any thread.
#pragma once

#include "widgets/instruments/input_response.h"

namespace depthscope::instruments {

/// The cursor is at a frame of a clip.
[[nodiscard]] bool walksFrames(const trace::TraceView& view, const Cursor& cursor);

[[nodiscard]] scene::Scene
drawFrames(const trace::ClipView& clip, const Cursor& cursor, const Viewport& viewport);

/// Pressing and dragging on the track moves the cursor's frame; keys and buttons step.
[[nodiscard]] InputResponse respondOfFrames(const InputContext& context, const Input& input);

} // namespace depthscope::instruments
