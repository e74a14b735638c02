// SPDX-License-Identifier: MIT
#include "engine/base/folder_lock.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace depthscope {

FolderLock::FolderLock(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / ".lock";
    constexpr int kMode = 0644;
    m_file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
    if (m_file < 0) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", path.string(), std::strerror(errno)),
                    "Choose a folder that you can write to.");
    }
    if (::flock(m_file, LOCK_EX | LOCK_NB) != 0) {
        ::close(m_file);
        throw Error(ErrorCode::Usage,
                    fmt::format("{} is being written by another run", folder.string()),
                    "Wait for it to finish, stop it, or choose another folder.");
    }
}

FolderLock::~FolderLock() {
    ::close(m_file);
}

} // namespace depthscope
