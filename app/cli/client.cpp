// SPDX-License-Identifier: MIT
#include "app/cli/client.h"

#include "app/cli/interrupt.h"
#include "engine/runtime/engine_runtime.h"

#include <chrono>
#include <optional>
#include <utility>

namespace depthscope::cli {

Client::Client(const runtime::EngineOptions& options)
    : m_runtime(runtime::makeEngineRuntime(options, [this] {
        {
            const std::lock_guard lock(m_mutex);
            m_pending = true;
        }
        m_woken.notify_one();
    })) {
    catchInterrupts();
}

Client::~Client() = default;

void Client::perform(runtime::Request request,
                     const std::function<void(const runtime::Event&)>& onEvent) {
    constexpr std::chrono::milliseconds kLookForInterrupt(100);
    const runtime::JobId id = m_runtime->submit(std::move(request));
    bool stopAsked = false;
    while (true) {
        {
            std::unique_lock lock(m_mutex);
            m_woken.wait_for(lock, kLookForInterrupt, [this] { return m_pending; });
            m_pending = false;
        }
        if (wasInterrupted() && !stopAsked) {
            stopAsked = true;
            m_runtime->stop(id);
        }
        for (const runtime::Event& event : m_runtime->drain()) {
            if (onEvent) {
                onEvent(event);
            }
            const auto* ended = std::get_if<runtime::JobEnded>(&event);
            if (ended != nullptr && ended->job == id) {
                if (ended->error) {
                    throw Error(*ended->error);
                }
                return;
            }
        }
    }
}

} // namespace depthscope::cli
