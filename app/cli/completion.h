// SPDX-License-Identifier: MIT
// What a shell needs to complete arguments of this program. Main thread.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace depthscope::cli {

/// A script for bash: commands, their options, else file names.
[[nodiscard]] std::string bashCompletion(const CLI::App& app);

} // namespace depthscope::cli
