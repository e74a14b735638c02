// SPDX-License-Identifier: MIT
// What the clip of a step must be, before it is stored and after it was read. For this folder only;
// any thread.
#pragma once

#include "engine/recording/recording.h"

#include <optional>
#include <string>

namespace depthscope::recording {

/// What is wrong with it; nothing if it is sound. Packets are opaque: only a decoder can tell what
/// is in them.
[[nodiscard]] std::optional<std::string> errorInClip(const trace::ClipContent& clip);

} // namespace depthscope::recording
