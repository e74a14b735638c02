// SPDX-License-Identifier: MIT
// The queue of events from the engine to the draining thread. Owned by a runtime. Steps are never
// dropped: when kMaxWaitingSteps of them wait, the producer waits at its step boundary. Any thread
// may push events that are no steps; one thread pushes steps, one thread drains.
#pragma once

#include "engine/runtime/runtime.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <vector>

namespace depthscope::runtime {

inline constexpr std::size_t kMaxWaitingSteps = 256;

class EventQueue {
public:
    explicit EventQueue(Wake wake);

    /// Appends an event. A StepPublished first waits while kMaxWaitingSteps steps are not drained;
    /// a requested `stop` ends the wait and the step is queued all the same. Other events never
    /// wait. Calls wake, outside the lock, when the queue was empty.
    void push(Event event, const std::stop_token& stop = {});

    /// Takes everything, oldest first, and releases a waiting producer.
    [[nodiscard]] std::vector<Event> drain();

    /// How often push had to wait.
    [[nodiscard]] std::uint64_t waits() const;

private:
    const Wake m_wake;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_drained;
    std::vector<Event> m_events; ///< guarded by m_mutex, as the two below
    std::size_t m_steps = 0;     ///< StepPublished among m_events
    std::uint64_t m_waits = 0;
};

} // namespace depthscope::runtime
