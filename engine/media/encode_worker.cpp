// SPDX-License-Identifier: MIT
#include "engine/media/encode_worker.h"

#include <exception>
#include <new>
#include <utility>

namespace depthscope::media {

namespace {

using Clock = std::chrono::steady_clock;

/// Earlier, an encoder has only filled its look-ahead.
constexpr double kLeastSeconds = 0.5;

} // namespace

EncodeWorker::EncodeWorker(std::function<void()> wake)
    : m_wake(std::move(wake)) {}

EncodeWorker::~EncodeWorker() = default;

void EncodeWorker::start(Work work) {
    m_thread = {}; // the one before has ended
    {
        const std::lock_guard lock(m_mutex);
        m_report = {};
        m_report.isRunning = true;
    }
    m_thread = std::jthread(
        [this, work = std::move(work)](const std::stop_token& stop) { run(work, stop); });
}

void EncodeWorker::stop() {
    m_thread.request_stop();
}

EncodeReport EncodeWorker::report() {
    const std::lock_guard lock(m_mutex);
    m_isSeen = true;
    return m_report;
}

void EncodeWorker::run(const Work& work, const std::stop_token& stop) {
    EncodeReport last;
    try {
        last.clip =
            work([this](std::int64_t done, std::int64_t total) { advance(done, total); }, stop);
    } catch (const Error& error) {
        last.error = error;
    } catch (const std::bad_alloc&) {
        last.error = Error(ErrorCode::OutOfMemory, "no memory to encode the clip",
                           "Close other programs, or choose a smaller scale.");
    } catch (const std::exception& error) {
        last.error = Error(ErrorCode::Internal, error.what(),
                           "This is a bug: report it with the steps that led to it.");
    }
    end(std::move(last));
}

void EncodeWorker::advance(std::int64_t done, std::int64_t total) {
    std::unique_lock lock(m_mutex);
    if (done <= 1) {
        m_begin = Clock::now(); // finding the frames does not count; damage begins again
    }
    m_report.done = done;
    m_report.total = total;
    const double passed = std::chrono::duration<double>(Clock::now() - m_begin).count();
    m_report.secondsLeft =
        passed < kLeastSeconds || done <= 1
            ? -1
            : passed / static_cast<double>(done - 1) * static_cast<double>(total - done);
    wakeOwner(std::move(lock));
}

void EncodeWorker::end(EncodeReport last) {
    std::unique_lock lock(m_mutex);
    last.done = m_report.done;
    last.total = m_report.total;
    m_report = std::move(last);
    wakeOwner(std::move(lock));
}

void EncodeWorker::wakeOwner(std::unique_lock<std::mutex> lock) {
    const bool wakes = std::exchange(m_isSeen, false);
    lock.unlock();
    if (wakes) {
        m_wake();
    }
}

} // namespace depthscope::media
