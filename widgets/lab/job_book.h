// SPDX-License-Identifier: MIT
// The pending requests of the laboratory to the engine, and their purpose. A value; GUI
// thread.
#pragma once

#include "engine/runtime/request.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

namespace depthscope::lab {

/// What a job is for.
enum class JobKind {
    LoadMain,
    LoadVanilla,
    Pass,
    FullDepth,
    Vanilla,
    Generate,
    Convergence,
    Graded,
    Task ///< beside the laboratory, which stays live: a training
};

/// What the laboratory is doing, coarsest first.
enum class Activity { Idle, Loading, Routing, Generating, Measuring };

class JobBook {
public:
    void add(runtime::JobId job, JobKind kind) { m_jobs[job] = kind; }

    /// Removes the job; nothing: it is not in this book.
    std::optional<JobKind> end(runtime::JobId job);

    [[nodiscard]] std::optional<JobKind> kindOf(runtime::JobId job) const;

    [[nodiscard]] bool has(std::initializer_list<JobKind> kinds) const;

    [[nodiscard]] std::vector<runtime::JobId> of(std::initializer_list<JobKind> kinds) const;

    /// `passComes`: a pass will be asked for in a moment. Tasks do not count.
    [[nodiscard]] Activity activity(bool passComes) const;

private:
    std::map<runtime::JobId, JobKind> m_jobs;
};

} // namespace depthscope::lab
