// SPDX-License-Identifier: MIT
// One encoding at a time on a thread of its own. Calls return at once; what came of it is in
// report(). One thread calls; the owner destroys it, which stops the work and joins its thread.
#pragma once

#include "engine/base/error.h"
#include "engine/media/encode_clip.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace depthscope::media {

/// A value.
struct EncodeReport {
    bool isRunning = false;
    std::int64_t done = 0;           ///< frames
    std::int64_t total = 0;          ///< frames; 0: not known yet
    double secondsLeft = -1;         ///< an estimate from the frames so far; negative: unknown
    std::optional<EncodedClip> clip; ///< once it is there
    std::optional<Error> error;      ///< Interrupted after a stop
};

class EncodeWorker {
public:
    /// Throws Error where nothing comes of it; its target is then as it was.
    using Work = std::function<EncodedClip(const EncodeProgress&, const std::stop_token&)>;

    /// `wake` is called on the worker's thread when report() has changed, once until the report was
    /// asked for.
    explicit EncodeWorker(std::function<void()> wake);
    ~EncodeWorker();
    EncodeWorker(const EncodeWorker&) = delete;
    EncodeWorker& operator=(const EncodeWorker&) = delete;

    /// Only while nothing is running.
    void start(Work work);

    /// Ends it before its next frame.
    void stop();

    [[nodiscard]] EncodeReport report();

private:
    void run(const Work& work, const std::stop_token& stop);
    void advance(std::int64_t done, std::int64_t total);
    void end(EncodeReport last);
    void wakeOwner(std::unique_lock<std::mutex> lock);

    std::function<void()> m_wake;
    std::mutex m_mutex;
    EncodeReport m_report; ///< guarded by m_mutex, as the two below
    bool m_isSeen = true;  ///< report() gave the newest one
    std::chrono::steady_clock::time_point m_begin;
    std::jthread m_thread; ///< last: it uses all of the above
};

} // namespace depthscope::media
