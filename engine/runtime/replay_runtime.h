// SPDX-License-Identifier: MIT
// The runtime that shows a recording: the same events as the live one, from a file. Made and
// destroyed by the program; reads on a thread of its own, which the destructor stops and joins. All
// methods: any thread.
#pragma once

#include "engine/recording/recording.h"
#include "engine/runtime/event_queue.h"
#include "engine/runtime/runtime.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

namespace depthscope::runtime {

class ReplayRuntime final : public Runtime {
public:
    /// Id of the one job there is, the reading itself: JobStarted, for each step of a new main
    /// model ModelLoaded, StepPublished for every step in the recorded order, JobEnded with the
    /// error if the file is no recording.
    static constexpr JobId kReading = 1;

    ReplayRuntime(std::filesystem::path path, Wake wake);

    /// A recording computes nothing: each request ends at once with JobEnded{Error{Usage}}.
    JobId submit(Request request) override;
    void stop(JobId job) override;
    void stopAll() override;
    [[nodiscard]] std::vector<Event> drain() override;

    /// Recipe, layout, notes and steps; null until the first step or ModelLoaded was published.
    [[nodiscard]] std::shared_ptr<const recording::Recording> recording() const;

private:
    void replay(const std::stop_token& stop);
    void publish(const std::stop_token& stop);
    [[nodiscard]] trace::StepPtr shownStep(const trace::StepPtr& step) const;

    const std::filesystem::path m_path;
    EventQueue m_events;
    std::atomic<JobId> m_nextId{kReading + 1};
    mutable std::mutex m_mutex;
    std::shared_ptr<const recording::Recording> m_recording; ///< guarded by m_mutex
    std::jthread m_thread;                                   ///< last: it uses all of the above
};

} // namespace depthscope::runtime
