// SPDX-License-Identifier: MIT
// The files around a recording: what SQLite keeps beside it, and temporary folders. For this folder
// only; any thread.
#pragma once

#include <cstdint>
#include <filesystem>

namespace depthscope::recording {

/// Bytes in the write-ahead log beside `path`; 0 where there is none.
[[nodiscard]] std::uintmax_t logBytes(const std::filesystem::path& path);

/// Removes logs and indices beside `path`: they would be mixed into a new file of that name.
void removeCompanions(const std::filesystem::path& path);

/// A private folder that is removed with everything in it.
class TemporaryFolder {
public:
    /// Throws Error{OutOfMemory} where none can be made.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// Copies a recording and its write-ahead log; gives the copy's path. Throws Error that names the
/// recording. A rollback journal is left behind on purpose: our files do not need it, and one from
/// a stranger can name any file of the user's for SQLite to delete.
[[nodiscard]] std::filesystem::path copyWithLog(const std::filesystem::path& path,
                                                const TemporaryFolder& folder);

/// Asks the disk to keep what was renamed in `folder`. Errors are ignored: the file itself is safe
/// already.
void syncFolder(const std::filesystem::path& folder);

} // namespace depthscope::recording
