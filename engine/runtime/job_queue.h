// SPDX-License-Identifier: MIT
// Which job runs next: interactive before background, the newest of a kind instead of older ones.
// Values and rules only, no thread of its own; EngineRuntime guards it.
#pragma once

#include "engine/runtime/session.h"

#include <memory>
#include <optional>
#include <vector>

namespace depthscope::runtime {

/// A request on its way; `job` is null until its first step.
struct QueuedJob {
    JobId id = 0;
    Request request;
    std::unique_ptr<Job> job;
    bool stopAsked = false;
};

class JobQueue {
public:
    /// Adds a request and takes out those that it replaces.
    [[nodiscard]] std::vector<QueuedJob> add(JobId id, Request request);

    /// Marks a job, or all; the runner ends it before its next step.
    void askStop(JobId id);
    void askStopAll();

    [[nodiscard]] bool empty() const { return m_jobs.empty(); }

    /// The job whose step is next: asked to stop first, then by priority, then by age. Null if
    /// there is none. It leaves the queue while it steps; put it back if there is more to do.
    [[nodiscard]] std::optional<QueuedJob> takeNext();

    /// All jobs, out of the queue, in no order.
    [[nodiscard]] std::vector<QueuedJob> takeAll();

    /// True if the job went back; false if a newer request replaced it meanwhile (the job is handed
    /// back).
    [[nodiscard]] bool putBack(QueuedJob& job);

private:
    std::vector<QueuedJob> m_jobs;
    std::vector<JobId> m_stoppedWhileStepping;
    std::optional<JobId> m_steppingId;
    std::optional<Request>
        m_stepping; ///< kind of the job that is out, to see whether it is replaced
    bool m_replaced = false;
};

} // namespace depthscope::runtime
