// SPDX-License-Identifier: MIT
// The steps of a recording of format 2 or 3. For this folder only; one thread.
#pragma once

#include "engine/recording/rows.h"

#include <stop_token>
#include <vector>

namespace depthscope::recording {

/// `hasClips`: the tables of format 3 are there. Throws Error{BadInput} for a step that no Writer
/// would have stored.
[[nodiscard]] std::vector<trace::StepPtr>
readSteps(Database& database, const Models& models, bool hasClips, const std::stop_token& stop);

} // namespace depthscope::recording
