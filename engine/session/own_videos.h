// SPDX-License-Identifier: MIT
// Reads own videos beside the engine thread, which can then hear a stop and answer other requests.
// Engine thread; ending it stops the reading.
#pragma once

#include "engine/data/own_clips.h"

#include <condition_variable>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace depthscope::session {

class OwnVideosReader {
public:
    OwnVideosReader(std::filesystem::path source,
                    const data::OwnClipsRecipe& recipe,
                    std::filesystem::path cacheFolder);

    /// Waits a moment. False: still reading.
    [[nodiscard]] bool isDone();

    struct Progress {
        double share = 0;
        std::string file;
    };

    [[nodiscard]] Progress progress() const;

    /// Once it is done. Throws what data::OwnClips throws.
    [[nodiscard]] std::shared_ptr<const data::OwnClips> take();

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_finished;
    bool m_isDone = false;
    Progress m_progress;
    std::shared_ptr<const data::OwnClips> m_clips;
    std::exception_ptr m_error;
    std::jthread m_thread; ///< the last member: it ends before the others
};

} // namespace depthscope::session
