// SPDX-License-Identifier: MIT
// A file as FFmpeg's muxers write it, that replaces its target whole or not at all. What goes wrong
// inside FFmpeg's calls is kept, and thrown by check(). Internal to engine/media; one owner, one
// thread.
#pragma once

#include "engine/base/atomic_file.h"
#include "engine/media/ffmpeg.h"

#include <cstdint>
#include <exception>
#include <filesystem>

namespace depthscope::media {

class FileOutput {
public:
    /// Throws Error naming the file where it cannot be made.
    explicit FileOutput(const std::filesystem::path& target);
    FileOutput(const FileOutput&) = delete;
    FileOutput& operator=(const FileOutput&) = delete;

    [[nodiscard]] AVIOContext* context() const { return m_context.get(); }

    /// What was written, for a muxer that goes over it once more (+faststart). To be freed by
    /// close().
    [[nodiscard]] AVIOContext* openForReading();
    static void close(AVIOContext* context);

    /// Throws what a write met.
    void check() const;

    /// Synchronises the file and gives it its name.
    void commit();

private:
    static int write(void* self, WrittenBytes bytes, int count);
    static std::int64_t seek(void* self, std::int64_t offset, int whence);

    /// A place of reading in what was written.
    struct Look {
        FileOutput* file = nullptr;
        std::int64_t position = 0;
    };

    static int read(void* look, std::uint8_t* bytes, int count);
    static std::int64_t seekLook(void* look, std::int64_t offset, int whence);

    AtomicFile m_file;
    std::int64_t m_position = 0;
    std::int64_t m_end = 0;
    std::exception_ptr m_error;
    Owned<AVIOContext> m_context;
};

} // namespace depthscope::media
