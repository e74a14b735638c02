// SPDX-License-Identifier: MIT
#include "engine/base/atomic_file.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace depthscope {

namespace {

[[noreturn]] void fail(const std::filesystem::path& target, int error) {
    const std::string message =
        fmt::format("{}: cannot be written: {}", target.string(), std::strerror(error));
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        throw Error(ErrorCode::OutOfMemory, message,
                    "Free some space or choose another folder. The previous file is untouched.");
    }
    throw Error(ErrorCode::BadInput, message,
                "Choose a folder that you can write to. The previous file is untouched.");
}

} // namespace

AtomicFile::AtomicFile(std::filesystem::path target)
    : m_target(replaceableTarget(std::move(target))) {
    std::string name = m_target.string() + ".XXXXXX";
    m_descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (m_descriptor < 0) {
        fail(m_target, errno);
    }
    m_temporary = name;
    constexpr mode_t kReadableByAll = 0644;
    ::fchmod(m_descriptor, kReadableByAll);
}

AtomicFile::~AtomicFile() {
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
    if (!m_temporary.empty()) {
        ::unlink(m_temporary.c_str());
    }
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::write(m_descriptor, next, bytes);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(m_target, errno);
        }
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

void AtomicFile::writeAt(std::uint64_t offset, const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::pwrite(m_descriptor, next, bytes, static_cast<off_t>(offset));
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail(m_target, errno);
        }
        next += written;
        offset += static_cast<std::uint64_t>(written);
        bytes -= static_cast<std::size_t>(written);
    }
}

std::size_t AtomicFile::readAt(std::uint64_t offset, void* data, std::size_t bytes) const {
    ssize_t got = -1;
    do {
        got = ::pread(m_descriptor, data, bytes, static_cast<off_t>(offset));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        fail(m_target, errno);
    }
    return static_cast<std::size_t>(got);
}

void AtomicFile::commit() {
    if (::fsync(m_descriptor) != 0 && errno != EINVAL) {
        fail(m_target, errno);
    }
    const int closed = ::close(std::exchange(m_descriptor, -1));
    if (closed != 0) {
        fail(m_target, errno);
    }
    if (::rename(m_temporary.c_str(), m_target.c_str()) != 0) {
        fail(m_target, errno);
    }
    m_temporary.clear();
}

std::filesystem::path replaceableTarget(std::filesystem::path target) {
    std::error_code error;
    if (std::filesystem::is_symlink(target, error)) {
        std::filesystem::path named = std::filesystem::weakly_canonical(target, error);
        target = error ? std::move(target) : std::move(named);
    }
    if (std::filesystem::exists(target, error) &&
        !std::filesystem::is_regular_file(target, error)) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: is not a regular file", target.string()),
                    "Choose another name; folders and devices are never overwritten.");
    }
    return target;
}

void makeFolder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: cannot be created: {}", folder.string(), error.message()),
                    "Choose a folder that you can write to.");
    }
}

} // namespace depthscope
