// SPDX-License-Identifier: MIT
// What is on screen, took the engine a while, and is in no file: closing the window would lose it.
// Pure; GUI thread.
#pragma once

#include <optional>

namespace depthscope::lab {

class LabController;

/// Results that took less are made again sooner than a question about them is read.
inline constexpr double kDearSeconds = 3;

/// Seconds that the engine spent on it: a generation, or a sampling run of at least kDearSeconds.
/// Nothing: a pass, a recording, or what has been saved.
[[nodiscard]] std::optional<double> unsavedSeconds(const LabController& lab);

} // namespace depthscope::lab
