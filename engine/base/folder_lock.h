// SPDX-License-Identifier: MIT
// Keeps a second process, or a second job of this one, from writing into the same folder. The lock
// is released with its owner, even if the process is killed; the lock file stays.
#pragma once

#include <filesystem>

namespace depthscope {

class FolderLock {
public:
    /// Throws Error{Usage} where another holds it, Error{BadInput} where the folder cannot be
    /// written.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int m_file = -1;
};

} // namespace depthscope
