// SPDX-License-Identifier: MIT
#include "engine/media/thumbnails.h"

#include "engine/base/error.h"
#include "engine/media/rgb.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::media {

namespace {

constexpr int kHeight = 64;
constexpr int kMostWidth = 256;
constexpr int kNiceness = 10; // not the lowest: it takes locks that others wait for, if shortly
constexpr std::size_t kCacheBytes = std::size_t{16} << 20U;

/// Every n-th of them first, then those between.
std::vector<std::int64_t> coarselyFirst(const std::vector<std::int64_t>& frames) {
    std::vector<std::int64_t> order;
    std::vector<bool> taken(frames.size());
    for (std::size_t step = 16; step > 0; step /= 2) {
        for (std::size_t at = step / 2; at < frames.size(); at += step) {
            if (!taken[at]) {
                taken[at] = true;
                order.push_back(frames[at]);
            }
        }
    }
    return order;
}

/// As the clip is shown, before any turning.
PictureSize sizeFor(const trace::Frame& frame, trace::Ratio aspect) {
    const double pixel =
        aspect.over > 0 && aspect.under > 0 ? static_cast<double>(aspect.over) / aspect.under : 1;
    const double wide = frame.width * pixel * kHeight / frame.height;
    return {static_cast<std::int32_t>(std::clamp<double>(std::round(wide), 1, kMostWidth)),
            kHeight};
}

} // namespace

std::vector<std::int64_t> thumbnailFrames(const MediaIndex& index, int count) {
    const std::int64_t all = index.frameCount();
    const std::int64_t parts = std::min<std::int64_t>(std::min(count, kMostThumbnails), all);
    std::vector<std::int64_t> frames;
    for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t begin = part * all / parts;
        const std::int64_t end = (part + 1) * all / parts;
        const std::int64_t middle = (begin + end) / 2;
        std::int64_t chosen = middle;
        for (std::int64_t away = 0; away <= end - begin; ++away) {
            const std::int64_t before = middle - away;
            const std::int64_t behind = middle + away;
            if (before >= begin && index.frame(before).key) {
                chosen = before;
                break;
            }
            if (behind < end && index.frame(behind).key) {
                chosen = behind;
                break;
            }
        }
        frames.push_back(chosen);
    }
    return coarselyFirst(frames);
}

Thumbnails::Thumbnails(std::function<void(List)> publish)
    : m_publish(std::move(publish))
    , m_thread([this](const std::stop_token& stop) { run(stop); }) {}

Thumbnails::~Thumbnails() {
    m_thread.request_stop();
    {
        const std::lock_guard lock(m_mutex);
        m_way.request_stop();
    }
    m_changed.notify_all();
    m_thread.join();
}

void Thumbnails::make(const std::filesystem::path& path, std::shared_ptr<const MediaIndex> index) {
    const std::lock_guard lock(m_mutex);
    m_path = path;
    m_index = std::move(index);
    m_isNew = true;
    m_way.request_stop();
    m_changed.notify_all();
}

void Thumbnails::setPaused(bool paused) {
    const std::lock_guard lock(m_mutex);
    m_isPaused = paused;
    m_changed.notify_all();
}

void Thumbnails::run(const std::stop_token& stop) {
#ifdef __linux__
    // Of this thread alone; where it is refused, the thumbnails merely come at a usual priority.
    [[maybe_unused]] const int refused =
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
#endif
    while (true) {
        std::filesystem::path path;
        std::shared_ptr<const MediaIndex> index;
        std::stop_token way;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, stop, [this] { return m_isNew; });
            if (stop.stop_requested()) {
                return;
            }
            m_isNew = false;
            path = m_path;
            index = m_index;
            m_way = std::stop_source();
            way = m_way.get_token();
        }
        if (index) {
            try {
                work(path, index, way);
            } catch (const std::exception&) {
                // The player says what is wrong with the file; here a picture is missing.
                continue;
            }
        }
    }
}

bool Thumbnails::waitWhilePaused(const std::stop_token& way) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, way, [this] { return !m_isPaused; });
    return !way.stop_requested();
}

void Thumbnails::work(const std::filesystem::path& path,
                      const std::shared_ptr<const MediaIndex>& index,
                      const std::stop_token& way) {
    ReaderOptions options;
    options.index.threads = 1;
    options.cacheBytes = kCacheBytes;
    Reader reader(path, index, std::move(options), way);
    RgbConverter converter;
    std::vector<trace::Thumbnail> made;
    for (const std::int64_t number : thumbnailFrames(*index, kMostThumbnails)) {
        if (!waitWhilePaused(way)) {
            return;
        }
        try {
            const trace::Frame frame = reader.frame(number, way);
            if (reader.index() != index) {
                return; // the file is damaged: begun anew once the player knows
            }
            made.push_back({number, std::make_shared<const RgbPicture>(converter.convertQuickly(
                                        frame, sizeFor(frame, index->facts().sampleAspect)))});
        } catch (const Error& error) {
            if (error.code() == ErrorCode::Interrupted) {
                return;
            }
            continue;
        }
        std::sort(made.begin(), made.end(),
                  [](const auto& a, const auto& b) { return a.frame < b.frame; });
        auto list = std::make_shared<const std::vector<trace::Thumbnail>>(made);
        const std::lock_guard lock(m_mutex); // none comes after make() for another clip
        if (way.stop_requested()) {
            return;
        }
        m_publish(std::move(list));
    }
}

} // namespace depthscope::media
