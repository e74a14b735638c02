// SPDX-License-Identifier: MIT
#include "app/cli/interrupt.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>

namespace depthscope::cli {

namespace {

// The only thing a signal handler may touch.
volatile std::sig_atomic_t g_interrupted = 0;

void onInterrupt(int /*signal*/) {
    g_interrupted = 1;
}

} // namespace

void catchInterrupts() {
    std::signal(SIGINT, onInterrupt);
    std::signal(SIGTERM, onInterrupt);
}

bool wasInterrupted() {
    return g_interrupted != 0;
}

InterruptWatch::InterruptWatch() {
    catchInterrupts();
    m_thread = std::jthread([stop = m_stop](const std::stop_token& end) mutable {
        constexpr std::chrono::milliseconds kLookForInterrupt(100);
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        while (!end.stop_requested() && !wasInterrupted()) {
            ended.wait_for(lock, end, kLookForInterrupt, [] { return wasInterrupted(); });
        }
        if (wasInterrupted()) {
            stop.request_stop();
        }
    });
}

} // namespace depthscope::cli
