// SPDX-License-Identifier: MIT
#include "engine/session/own_videos.h"

#include <chrono>
#include <utility>

namespace depthscope::session {

OwnVideosReader::OwnVideosReader(std::filesystem::path source,
                                 const data::OwnClipsRecipe& recipe,
                                 std::filesystem::path cacheFolder) {
    m_thread = std::jthread([this, source = std::move(source), recipe,
                             cache = std::move(cacheFolder)](const std::stop_token& stop) {
        std::shared_ptr<const data::OwnClips> clips;
        std::exception_ptr error;
        try {
            data::OwnClipsOptions options;
            options.cacheFolder = cache;
            options.progress = [this](double share, const std::string& file) {
                const std::lock_guard lock(m_mutex);
                m_progress = {share, file};
            };
            clips = std::make_shared<const data::OwnClips>(source, recipe, options, stop);
        } catch (...) {
            error = std::current_exception();
        }
        const std::lock_guard lock(m_mutex);
        m_clips = std::move(clips);
        m_error = error;
        m_isDone = true;
        m_finished.notify_all();
    });
}

bool OwnVideosReader::isDone() {
    constexpr std::chrono::milliseconds kMoment(50);
    std::unique_lock lock(m_mutex);
    return m_finished.wait_for(lock, kMoment, [this] { return m_isDone; });
}

OwnVideosReader::Progress OwnVideosReader::progress() const {
    const std::lock_guard lock(m_mutex);
    return m_progress;
}

std::shared_ptr<const data::OwnClips> OwnVideosReader::take() {
    const std::lock_guard lock(m_mutex);
    if (m_error) {
        std::rethrow_exception(m_error);
    }
    return std::move(m_clips);
}

} // namespace depthscope::session
