// SPDX-License-Identifier: MIT
// Small pictures of frames all over a clip, made on a thread of low priority by a reader of
// its own, coarsely first. At most kMostThumbnails, each at most 256 x 64 pixels: 2.3 MiB. Any
// thread calls; the owner destroys it, which joins its thread. What cannot be decoded is left out.
#pragma once

#include "engine/media/media_index.h"
#include "engine/media/reader.h"
#include "engine/trace/clip_view.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace depthscope::media {

inline constexpr int kMostThumbnails = 48;

/// The frames that a clip is represented by, in the order in which they are made: in each of up to
/// `count` equal parts the key frame nearest to its middle, else the middle.
[[nodiscard]] std::vector<std::int64_t> thumbnailFrames(const MediaIndex& index, int count);

class Thumbnails {
public:
    using List = std::shared_ptr<const std::vector<trace::Thumbnail>>;

    /// `publish` is called on the thread of the thumbnails with all that there are.
    explicit Thumbnails(std::function<void(List)> publish);
    ~Thumbnails();
    Thumbnails(const Thumbnails&) = delete;
    Thumbnails& operator=(const Thumbnails&) = delete;

    /// Ends those of another clip. A null index: of none.
    void make(const std::filesystem::path& path, std::shared_ptr<const MediaIndex> index);

    /// While a clip plays it needs the processor for itself.
    void setPaused(bool paused);

private:
    void run(const std::stop_token& stop);
    void work(const std::filesystem::path& path,
              const std::shared_ptr<const MediaIndex>& index,
              const std::stop_token& way);
    [[nodiscard]] bool waitWhilePaused(const std::stop_token& way);

    std::function<void(List)> m_publish;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::filesystem::path m_path;
    std::shared_ptr<const MediaIndex> m_index;
    bool m_isNew = false;
    bool m_isPaused = false;
    std::stop_source m_way;
    std::jthread m_thread; ///< last: it uses all of the above
};

} // namespace depthscope::media
