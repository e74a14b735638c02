// SPDX-License-Identifier: MIT
#include "engine/runtime/job_queue.h"

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

namespace depthscope::runtime {

namespace {

Priority priorityOf(const Request& request) {
    return std::visit([](const auto& requested) { return requested.priority(); }, request);
}

/// Whether `newer` makes `older` pointless: only requests of one kind do.
bool replaces(const Request& newer, const Request& older) {
    return std::visit(
        [&older](const auto& requested) {
            const auto* same = std::get_if<std::remove_cvref_t<decltype(requested)>>(&older);
            return same != nullptr && requested.replaces(*same);
        },
        newer);
}

} // namespace

std::vector<QueuedJob> JobQueue::add(JobId id, Request request) {
    std::vector<QueuedJob> replaced;
    for (auto it = m_jobs.begin(); it != m_jobs.end();) {
        if (replaces(request, it->request)) {
            replaced.push_back(std::move(*it));
            it = m_jobs.erase(it);
        } else {
            ++it;
        }
    }
    if (m_stepping && replaces(request, *m_stepping)) {
        m_replaced = true;
    }
    m_jobs.push_back({id, std::move(request), nullptr, false});
    return replaced;
}

void JobQueue::askStop(JobId id) {
    for (QueuedJob& job : m_jobs) {
        if (job.id == id) {
            job.stopAsked = true;
        }
    }
    if (m_steppingId == id) {
        m_stoppedWhileStepping.push_back(id);
    }
}

void JobQueue::askStopAll() {
    for (QueuedJob& job : m_jobs) {
        job.stopAsked = true;
    }
    if (m_steppingId) {
        m_stoppedWhileStepping.push_back(*m_steppingId);
    }
}

std::optional<QueuedJob> JobQueue::takeNext() {
    if (m_jobs.empty()) {
        return std::nullopt;
    }
    const auto rank = [](const QueuedJob& job) {
        return std::tuple(!job.stopAsked, priorityOf(job.request), job.id);
    };
    const auto next =
        std::min_element(m_jobs.begin(), m_jobs.end(),
                         [&](const QueuedJob& a, const QueuedJob& b) { return rank(a) < rank(b); });
    std::optional<QueuedJob> taken(std::move(*next));
    m_jobs.erase(next);
    m_steppingId = taken->id;
    m_stepping = taken->request;
    m_replaced = false;
    m_stoppedWhileStepping.clear();
    return taken;
}

std::vector<QueuedJob> JobQueue::takeAll() {
    return std::exchange(m_jobs, {});
}

bool JobQueue::putBack(QueuedJob& job) {
    const bool replaced = m_replaced;
    job.stopAsked = job.stopAsked || !m_stoppedWhileStepping.empty();
    m_steppingId.reset();
    m_stepping.reset();
    if (replaced) {
        return false;
    }
    m_jobs.push_back(std::move(job));
    return true;
}

} // namespace depthscope::runtime
