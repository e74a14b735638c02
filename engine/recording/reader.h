// SPDX-License-Identifier: MIT
// Reads a recording, and never writes to it or beside it. Any thread. Files are treated as hostile:
// schema, sizes and types are checked before anything is used.
#pragma once

#include "engine/recording/recording.h"

#include <filesystem>
#include <stop_token>

namespace depthscope::recording {

/// A file with a log beside it (recorded by a program that was killed, or still recording) is
/// copied to a temporary folder and read there. Throws Error{BadInput} that names file, fault and
/// remedy for a foreign or damaged file, Error{Interrupted} once `stop` is requested.
[[nodiscard]] Recording readRecording(const std::filesystem::path& path,
                                      const std::stop_token& stop = {});

} // namespace depthscope::recording
