// SPDX-License-Identifier: MIT
// Any frame of a clip by its number, exactly as one pass from the start gives it. One owner, one
// thread (FFmpeg's decoders start their own). Throws Error: BadInput that names file and frame,
// OutOfMemory, Interrupted once the call's `stop` is requested.
#pragma once

#include "engine/media/index_builder.h"
#include "engine/media/media_index.h"
#include "engine/trace/frame.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace depthscope::media {

class HardwarePath;

struct ReaderOptions {
    IndexOptions index;
    std::size_t cacheBytes = std::size_t{256} << 20U; ///< of frames that are kept
    /// Decodes as far as it can; where it fails once, all goes on in software. Null: software.
    std::shared_ptr<HardwarePath> hardware;
};

class Reader {
public:
    /// Builds the index first.
    explicit Reader(std::filesystem::path path,
                    ReaderOptions options = {},
                    const std::stop_token& stop = {});
    /// With an index that buildIndex() or another reader of the same file gave.
    Reader(std::filesystem::path path,
           std::shared_ptr<const MediaIndex> index,
           ReaderOptions options,
           const std::stop_token& stop = {});
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) noexcept;

    /// Decoding may show that the packets promised frames which the file does not give. Then every
    /// frame is decoded once, the index is another one, and numbers behind the damage have moved.
    [[nodiscard]] std::shared_ptr<const MediaIndex> index() const;

    /// Of the graphics processor, that decodes now: "vaapi"; empty: software does.
    [[nodiscard]] std::string_view device() const;

    /// Seeks where that is shorter than going on. Frames on the way are kept.
    [[nodiscard]] trace::Frame frame(std::int64_t number, const std::stop_token& stop = {});

    /// The frame after or before the last one asked for; at first, frame 0. Nothing past an end.
    [[nodiscard]] std::optional<trace::Frame> next(const std::stop_token& stop = {});
    [[nodiscard]] std::optional<trace::Frame> previous(const std::stop_token& stop = {});

private:
    class Run;
    std::unique_ptr<Run> m_run;
    std::int64_t m_position = -1;
};

} // namespace depthscope::media
