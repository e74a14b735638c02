// SPDX-License-Identifier: MIT
// Saves a finished run in one go: all of the file or nothing. Any thread.
#pragma once

#include "engine/recording/recording.h"

#include <filesystem>
#include <vector>

namespace depthscope::recording {

/// Writes to a temporary file beside the target, then renames it over the target. Throws Error that
/// names the file and the remedy; an older file under that name then stands untouched.
void saveRecording(const std::filesystem::path& path,
                   const std::vector<trace::StepPtr>& steps,
                   const Recipe& recipe,
                   const WindowState& window,
                   const std::vector<Annotation>& annotations = {});

} // namespace depthscope::recording
