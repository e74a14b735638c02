// SPDX-License-Identifier: MIT
#include "engine/runtime/engine_runtime.h"

#include "engine/runtime/engine_library.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace depthscope::runtime {

namespace {

/// How much the engine steps back: a quarter of a core is left to it where both want all of it.
constexpr int kNiceness = 6;

/// Behind the window the engine's thread, and the workers that it starts, let painting go first:
/// on few cores a frame would otherwise wait for a matrix. Best effort.
void stepBehindTheWindow() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

} // namespace

EngineRuntime::EngineRuntime(SessionFactory factory, Wake wake)
    : m_factory(std::move(factory))
    , m_events(std::move(wake))
    , m_thread([this](const std::stop_token& stop) { work(stop); }) {}

EngineRuntime::~EngineRuntime() {
    m_thread.request_stop();
    m_thread.join();
}

JobId EngineRuntime::submit(Request request) {
    const JobId id = m_nextId++;
    std::vector<QueuedJob> replaced;
    {
        const std::lock_guard lock(m_mutex);
        replaced = m_queue.add(id, std::move(request));
    }
    m_changed.notify_all();
    for (const QueuedJob& job : replaced) {
        end(job.id, true, std::nullopt);
    }
    return id;
}

void EngineRuntime::stop(JobId job) {
    const std::lock_guard lock(m_mutex);
    m_queue.askStop(job);
}

void EngineRuntime::stopAll() {
    const std::lock_guard lock(m_mutex);
    m_queue.askStopAll();
}

std::vector<Event> EngineRuntime::drain() {
    return m_events.drain();
}

void EngineRuntime::end(JobId job, bool replaced, std::optional<Error> error) {
    m_events.push(JobEnded{job, replaced, std::move(error)});
}

void EngineRuntime::publishStatus(const Session& session, bool now) {
    constexpr std::chrono::milliseconds kInterval(250);
    const auto time = std::chrono::steady_clock::now();
    if (!now && time - m_lastStatus < kInterval) {
        return;
    }
    m_lastStatus = time;
    EngineStatus status = session.status();
    status.queueWaits = m_events.waits();
    m_events.push(status);
}

void EngineRuntime::work(const std::stop_token& stop) {
    std::unique_ptr<Session> session;
    try {
        session = m_factory();
    } catch (const Error& error) {
        refuseAll(error, stop);
        return;
    } catch (const std::exception& error) {
        refuseAll(Error(ErrorCode::Internal, error.what()), stop);
        return;
    }
    publishStatus(*session, true);
    while (!stop.stop_requested()) {
        std::optional<QueuedJob> next;
        {
            std::unique_lock lock(m_mutex);
            if (m_queue.empty()) {
                lock.unlock();
                publishStatus(*session, true); // the figures of a finished job are final
                lock.lock();
            }
            m_changed.wait(lock, stop, [this] { return !m_queue.empty(); });
            if (stop.stop_requested()) {
                break;
            }
            next = m_queue.takeNext();
        }
        runStep(*session, std::move(*next), stop);
        publishStatus(*session, false);
    }
    // What is left ends here, on the engine's thread, while the session that it works on is there.
    std::vector<QueuedJob> rest;
    {
        const std::lock_guard lock(m_mutex);
        rest = m_queue.takeAll();
    }
}

void EngineRuntime::runStep(Session& session, QueuedJob job, const std::stop_token& stop) {
    try {
        if (job.stopAsked) {
            if (job.job != nullptr) {
                job.job->stopped();
            }
            job.job.reset();
            end(job.id, false, Error(ErrorCode::Interrupted, "stopped"));
            return;
        }
        if (job.job == nullptr) {
            m_events.push(JobStarted{job.id});
            job.job = session.start(job.id, job.request, [this, stop](Event event) {
                m_events.push(std::move(event), stop);
            });
        }
        if (!job.job->step()) {
            job.job.reset();
            end(job.id, false, std::nullopt);
            return;
        }
    } catch (const Error& error) {
        job.job.reset();
        end(job.id, false, error);
        return;
    } catch (const std::exception& error) {
        job.job.reset();
        end(job.id, false, session.translate(error));
        return;
    }
    bool kept = false;
    const JobId id = job.id;
    {
        const std::lock_guard lock(m_mutex);
        kept = m_queue.putBack(job);
    }
    if (!kept) {
        job.job.reset();
        end(id, true, std::nullopt);
    }
}

void EngineRuntime::refuseAll(const Error& reason, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::optional<QueuedJob> next;
        {
            std::unique_lock lock(m_mutex);
            m_changed.wait(lock, stop, [this] { return !m_queue.empty(); });
            next = m_queue.takeNext();
        }
        if (next) {
            end(next->id, false, reason);
        }
    }
}

std::unique_ptr<Runtime> makeEngineRuntime(const EngineOptions& options, Wake wake) {
    return std::make_unique<EngineRuntime>(
        [options] {
            if (options.interactive) {
                stepBehindTheWindow();
            }
            return openEngine(options);
        },
        std::move(wake));
}

} // namespace depthscope::runtime
