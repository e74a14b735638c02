// SPDX-License-Identifier: MIT
// Git LFS stores a small text file instead of each large file until "git lfs pull" fetches it. Any
// thread.
#pragma once

#include <filesystem>

namespace depthscope {

/// Throws Error{BadInput} naming the file if it is such a pointer; checked before a reader reports
/// it as damaged.
void refuseLfsPointer(const std::filesystem::path& file);

} // namespace depthscope
