// SPDX-License-Identifier: MIT
#include "widgets/lab/job_book.h"

#include <algorithm>

namespace depthscope::lab {

std::optional<JobKind> JobBook::end(runtime::JobId job) {
    const std::optional<JobKind> kind = kindOf(job);
    m_jobs.erase(job);
    return kind;
}

std::optional<JobKind> JobBook::kindOf(runtime::JobId job) const {
    const auto found = m_jobs.find(job);
    return found == m_jobs.end() ? std::nullopt : std::optional(found->second);
}

bool JobBook::has(std::initializer_list<JobKind> kinds) const {
    return !of(kinds).empty();
}

std::vector<runtime::JobId> JobBook::of(std::initializer_list<JobKind> kinds) const {
    std::vector<runtime::JobId> jobs;
    for (const auto& [job, kind] : m_jobs) {
        if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) {
            jobs.push_back(job);
        }
    }
    return jobs;
}

Activity JobBook::activity(bool passComes) const {
    if (has({JobKind::LoadMain})) {
        return Activity::Loading;
    }
    if (has({JobKind::Generate})) {
        return Activity::Generating;
    }
    if (has({JobKind::Pass}) || passComes) {
        return Activity::Routing;
    }
    return has({JobKind::LoadVanilla, JobKind::FullDepth, JobKind::Vanilla, JobKind::Graded,
                JobKind::Convergence})
               ? Activity::Measuring
               : Activity::Idle;
}

} // namespace depthscope::lab
