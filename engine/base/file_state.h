// SPDX-License-Identifier: MIT
// By what caches know that a file is still the one they were made from. Any thread.
#pragma once

#include <filesystem>
#include <string>

namespace depthscope {

/// Whole path, size and time of change, a line each. `text` is empty for anything but a regular
/// file.
struct FileState {
    std::string text;
    std::string name; ///< 16 digits that follow from the path alone: of the cache's own file
};

[[nodiscard]] FileState fileState(const std::filesystem::path& file);

} // namespace depthscope
