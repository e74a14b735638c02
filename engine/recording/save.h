// SPDX-License-Identifier: MIT
// Saves a finished run atomically. Any thread.
#pragma once

#include "engine/recording/recording.h"

#include <filesystem>
#include <vector>

namespace depthscope::recording {

/// What a file can have besides its steps.
struct Beside {
    std::vector<Annotation> annotations;
    trace::LanesPtr lanes; ///< null: none
};

/// Writes to a temporary file beside the target, then renames it over the target. Throws Error that
/// names the file and the remedy; an existing file of that name then stays unchanged.
void saveRecording(const std::filesystem::path& path,
                   const std::vector<trace::StepPtr>& steps,
                   const RunSetup& recipe,
                   const WindowState& window,
                   const Beside& beside = {});

} // namespace depthscope::recording
