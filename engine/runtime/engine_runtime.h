// SPDX-License-Identifier: MIT
// The runtime that computes: one thread owns the torch session and runs jobs step by step. Made and
// destroyed by the program; the destructor stops the job at its next step boundary and joins.
#pragma once

#include "engine/runtime/event_queue.h"
#include "engine/runtime/job_queue.h"
#include "engine/runtime/runtime.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace depthscope::runtime {

/// Makes the session on the engine thread; openEngine, or a fake in tests. May throw Error.
using SessionFactory = std::function<std::unique_ptr<Session>()>;

class EngineRuntime final : public Runtime {
public:
    EngineRuntime(SessionFactory factory, Wake wake);
    ~EngineRuntime() override;

    JobId submit(Request request) override;
    void stop(JobId job) override;
    void stopAll() override;
    [[nodiscard]] std::vector<Event> drain() override;

private:
    void work(const std::stop_token& stop);
    void runStep(Session& session, QueuedJob job, const std::stop_token& stop);
    void refuseAll(const Error& reason, const std::stop_token& stop);
    void end(JobId job, bool replaced, std::optional<Error> error);
    void publishStatus(const Session& session, bool now);

    SessionFactory m_factory;
    EventQueue m_events;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    JobQueue m_queue; ///< guarded by m_mutex
    std::atomic<JobId> m_nextId{1};
    std::chrono::steady_clock::time_point m_lastStatus; ///< engine thread
    std::jthread m_thread;                              ///< last: it uses all of the above
};

/// EngineRuntime with the real engine. Never blocks: the engine library is opened on the runtime's
/// thread; if that fails, each request ends with the error.
[[nodiscard]] std::unique_ptr<Runtime> makeEngineRuntime(const EngineOptions& options, Wake wake);

} // namespace depthscope::runtime
