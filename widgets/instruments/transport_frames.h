// SPDX-License-Identifier: MIT
// TRANSPORT while a clip is on screen: it walks along the frames, which the shared cursor names.
// Pure, any thread.
#pragma once

#include "widgets/instruments/input_response.h"
#include "widgets/instruments/transport_strip.h"

#include <string>

namespace depthscope::instruments {

/// The cursor is at a frame of a clip.
[[nodiscard]] bool walksFrames(const trace::TraceView& view, const Cursor& cursor);

/// Returns what is shown, in words.
std::string drawFrames(SceneWriter& writer,
                       const TransportStrip& strip,
                       const trace::ClipView& clip,
                       const Cursor& cursor);

/// Pressing and dragging on the track moves the cursor's frame; keys and buttons step.
[[nodiscard]] InputResponse
respondOfFrames(const InputContext& context, const TransportStrip& strip, const Input& input);

} // namespace depthscope::instruments
