// SPDX-License-Identifier: MIT
#include "engine/media/file_input.h"

#include "engine/base/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace depthscope::media {

FileInput::FileInput(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
    m_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    struct stat facts {};

    const bool failed = m_descriptor < 0 || ::fstat(m_descriptor, &facts) != 0;
    const std::string reason = failed                    ? std::strerror(errno)
                               : !S_ISREG(facts.st_mode) ? "must be a regular file"
                               : facts.st_size == 0      ? "must not be empty"
                                                         : "";
    try {
        if (!reason.empty()) {
            throw Error(ErrorCode::BadInput,
                        path.string() + ": cannot be read as a video: " + reason,
                        "Give a video or image file, a folder of images or a pattern such as "
                        "frame-%04d.png.");
        }
        m_size = facts.st_size;
        constexpr int kBufferBytes = 1 << 16;
        auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
        if (buffer != nullptr) {
            m_context =
                owned(avio_alloc_context(buffer, kBufferBytes, 0, this, &read, nullptr, &seek));
        }
        if (m_context == nullptr) {
            throw Error(ErrorCode::OutOfMemory, path.string() + ": no memory to read it");
        }
    } catch (...) {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
        }
        throw;
    }
}

FileInput::~FileInput() {
    ::close(m_descriptor);
}

int FileInput::read(void* self, std::uint8_t* buffer, int bytes) {
    auto& input = *static_cast<FileInput*>(self);
    if (input.m_stop.stop_requested()) {
        return AVERROR_EXIT;
    }
    ssize_t got = -1;
    do {
        got =
            ::pread(input.m_descriptor, buffer, static_cast<std::size_t>(bytes), input.m_position);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return AVERROR(errno);
    }
    input.m_position += got;
    return got == 0 ? AVERROR_EOF : static_cast<int>(got);
}

std::int64_t FileInput::seek(void* self, std::int64_t offset, int whence) {
    auto& input = *static_cast<FileInput*>(self);

    struct stat facts {};

    if (::fstat(input.m_descriptor, &facts) != 0) {
        return AVERROR(errno);
    }
    if ((whence & AVSEEK_SIZE) != 0) {
        return facts.st_size;
    }
    const int from = whence & ~AVSEEK_FORCE;
    const std::int64_t base = from == SEEK_CUR   ? input.m_position
                              : from == SEEK_END ? static_cast<std::int64_t>(facts.st_size)
                                                 : 0;
    std::int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) {
        return AVERROR(EINVAL);
    }
    input.m_position = target;
    return target;
}

} // namespace depthscope::media
