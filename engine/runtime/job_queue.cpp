// SPDX-License-Identifier: MIT
#include "engine/runtime/job_queue.h"

#include <algorithm>
#include <utility>

namespace depthscope::runtime {

int priorityOf(const Request& request) {
    enum { Short, MainPass, Generation, Reference, Background };

    if (const auto* pass = std::get_if<PassRequest>(&request)) {
        return pass->role == trace::RunRole::Main ? MainPass : Reference;
    }
    if (std::holds_alternative<GenerateRequest>(request)) {
        return Generation;
    }
    const bool background = std::holds_alternative<TrainRequest>(request) ||
                            std::holds_alternative<ExperimentRequest>(request) ||
                            std::holds_alternative<ScoreRequest>(request) ||
                            std::holds_alternative<BenchRequest>(request) ||
                            std::holds_alternative<SelftestRequest>(request) ||
                            std::holds_alternative<TokenizerTrainRequest>(request);
    return background ? Background : Short;
}

bool replaces(const Request& newer, const Request& older) {
    if (newer.index() != older.index()) {
        return false;
    }
    if (const auto* pass = std::get_if<PassRequest>(&newer)) {
        return pass->role == std::get<PassRequest>(older).role;
    }
    if (const auto* load = std::get_if<LoadRequest>(&newer)) {
        return load->slot == std::get<LoadRequest>(older).slot;
    }
    return std::holds_alternative<GenerateRequest>(newer);
}

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
        return std::pair(job.stopAsked ? -1 : priorityOf(job.request), job.id);
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
