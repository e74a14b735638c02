// SPDX-License-Identifier: MIT
// A media file that libavformat has opened and whose streams it knows. Nothing but this one file is
// ever opened: no protocol, no playlist, no reference from inside the file. Internal to
// engine/media; one owner, one thread. Throws Error{BadInput} that names the file, or Interrupted.
#pragma once

#include "engine/media/ffmpeg.h"
#include "engine/media/file_input.h"
#include "engine/media/limits.h"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace depthscope::media {

class Container {
public:
    Container(std::filesystem::path path, const Limits& limits, std::stop_token stop);

    [[nodiscard]] AVFormatContext& context() const { return *m_context; }

    [[nodiscard]] const FileInput& input() const { return *m_input; }

    /// "mov" of "mov,mp4,m4a,3gp,3g2,mj2".
    [[nodiscard]] std::string_view name() const;

    void setStop(std::stop_token stop);

    /// The next packet of `stream`. An error of FFmpeg's at the end, or where the file is damaged.
    [[nodiscard]] int read(AVPacket& packet, int stream);

    [[noreturn]] void refuse(const std::string& reason, const std::string& hint = {}) const;

private:
    [[nodiscard]] const AVInputFormat* probe();
    void findStreams(const Limits& limits);

    std::filesystem::path m_path;
    std::stop_token m_stop;
    std::unique_ptr<FileInput> m_input; ///< outlives m_context
    Owned<AVFormatContext> m_context;
};

} // namespace depthscope::media
