// SPDX-License-Identifier: MIT
// Client of the runtime for the command line: submits a request, waits for it to end, passes every
// event to the command. Main thread. Ctrl+C asks the job to stop; it then ends with
// Error{Interrupted}.
#pragma once

#include "engine/runtime/runtime.h"
#include "engine/runtime/session.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

namespace depthscope::cli {

class Client {
public:
    explicit Client(const runtime::EngineOptions& options);
    ~Client();

    /// Runs one request to its end; throws its error. `onEvent` sees every event of the runtime.
    void perform(runtime::Request request,
                 const std::function<void(const runtime::Event&)>& onEvent = {});

private:
    std::mutex m_mutex;
    std::condition_variable m_woken;
    bool m_pending = false;
    std::unique_ptr<runtime::Runtime> m_runtime;
};

} // namespace depthscope::cli
