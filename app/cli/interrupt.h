// SPDX-License-Identifier: MIT
// Ctrl+C and SIGTERM as something that work can look at. Main thread; a Watch has a thread of its
// own.
#pragma once

#include <stop_token>
#include <thread>

namespace depthscope::cli {

/// From now on the signals are noted and end nothing.
void catchInterrupts();
[[nodiscard]] bool wasInterrupted();

/// Turns an interrupt into a stop request while it lives.
class InterruptWatch {
public:
    InterruptWatch();

    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }

private:
    std::stop_source m_stop;
    std::jthread m_thread;
};

} // namespace depthscope::cli
