// SPDX-License-Identifier: MIT
// The commands below `video`, each in a file of its own. Main thread.
#pragma once

#include "app/cli/commands.h"

namespace depthscope::cli {

[[nodiscard]] Action declareEncoding(CLI::App& app);
[[nodiscard]] Action declareClipFiles(CLI::App& app);

} // namespace depthscope::cli
