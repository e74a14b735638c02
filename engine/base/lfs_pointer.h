// SPDX-License-Identifier: MIT
// Git LFS puts a small text in the place of each large file until "git lfs pull" fetches it. Any
// thread.
#pragma once

#include <filesystem>

namespace depthscope {

/// Throws Error{BadInput} that names the file where it is such a pointer; asked before a reader
/// calls it damaged.
void refuseLfsPointer(const std::filesystem::path& file);

} // namespace depthscope
