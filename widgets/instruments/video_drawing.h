// SPDX-License-Identifier: MIT
// The scene of the VIDEO panel with a clip. Pure, any thread.
#pragma once

#include "engine/trace/clip_view.h"
#include "widgets/instruments/instrument.h"

namespace depthscope::instruments {

/// What the line of a wipe answers with.
inline constexpr const char* kWipeAction = "clip.wipe";

/// Of the clip of `view`, which is there.
[[nodiscard]] scene::Scene drawClip(const trace::TraceView& view,
                                    const ViewState& state,
                                    const Cursor& cursor,
                                    const Viewport& viewport);

/// Nothing is open: what the panel is for, and two ways to begin.
[[nodiscard]] scene::Scene drawNoClip(const Viewport& viewport);

} // namespace depthscope::instruments
