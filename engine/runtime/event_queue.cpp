// SPDX-License-Identifier: MIT
#include "engine/runtime/event_queue.h"

#include <utility>

namespace depthscope::runtime {

EventQueue::EventQueue(Wake wake)
    : m_wake(std::move(wake)) {}

void EventQueue::push(Event event, const std::stop_token& stop) {
    const bool isStep = std::holds_alternative<StepPublished>(event);
    bool wasEmpty = false;
    {
        std::unique_lock lock(m_mutex);
        if (isStep && m_steps >= kMaxWaitingSteps) {
            ++m_waits;
            m_drained.wait(lock, stop, [this] { return m_steps < kMaxWaitingSteps; });
        }
        wasEmpty = m_events.empty();
        m_events.push_back(std::move(event));
        m_steps += isStep ? 1 : 0;
    }
    if (wasEmpty && m_wake) {
        m_wake();
    }
}

std::vector<Event> EventQueue::drain() {
    std::vector<Event> taken;
    {
        const std::scoped_lock lock(m_mutex);
        taken.swap(m_events);
        m_steps = 0;
    }
    m_drained.notify_one();
    return taken;
}

std::uint64_t EventQueue::waits() const {
    const std::scoped_lock lock(m_mutex);
    return m_waits;
}

} // namespace depthscope::runtime
