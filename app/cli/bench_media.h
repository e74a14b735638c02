// SPDX-License-Identifier: MIT
// Video measured beside the ffmpeg program and the decoder's own speed, on clips that the ffmpeg
// program makes for it. Main thread; needs no engine.
#pragma once

#include "engine/runtime/event.h"

#include <vector>

namespace depthscope::cli {

/// Throws Error{BadInput} where there is no ffmpeg program, Interrupted.
[[nodiscard]] std::vector<runtime::BenchCase> benchMedia();

} // namespace depthscope::cli
