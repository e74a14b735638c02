// SPDX-License-Identifier: MIT
// A regular file as FFmpeg reads it: through our own descriptor, so that no protocol of FFmpeg is
// ever used and any bytes may stand in the name. Owned by its demuxer, one thread.
#pragma once

#include "engine/media/ffmpeg.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>

namespace depthscope::media {

class FileInput {
public:
    /// Throws Error{BadInput} for what is no file, is empty or cannot be read.
    explicit FileInput(const std::filesystem::path& path);
    ~FileInput();
    FileInput(const FileInput&) = delete;
    FileInput& operator=(const FileInput&) = delete;

    [[nodiscard]] AVIOContext* context() const { return m_context.get(); }

    /// Reading ends with AVERROR_EXIT once this is requested.
    void setStop(std::stop_token stop) { m_stop = std::move(stop); }

    [[nodiscard]] std::int64_t size() const { return m_size; }

    /// Where the file is read, for progress.
    [[nodiscard]] std::int64_t position() const { return m_position; }

private:
    static int read(void* self, std::uint8_t* buffer, int bytes);
    static std::int64_t seek(void* self, std::int64_t offset, int whence);

    int m_descriptor = -1;
    std::int64_t m_size = 0;
    std::int64_t m_position = 0;
    std::stop_token m_stop;
    Owned<AVIOContext> m_context;
};

} // namespace depthscope::media
