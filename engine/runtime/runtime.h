// SPDX-License-Identifier: MIT
// The engine as programs see it. EngineRuntime runs jobs on its own thread, ReplayRuntime publishes
// a recording; both deliver the same events, so live and replay are one path. All methods may be
// called from any thread; one thread drains.
#pragma once

#include "engine/runtime/event.h"

#include <functional>
#include <vector>

namespace depthscope::runtime {

class Runtime {
public:
    virtual ~Runtime() = default;

    /// Queues a job. A newer interactive request (load, pass, generation) replaces a waiting or
    /// running one of the same kind: of a pass the same run, of a load the same slot; the replaced
    /// job ends with JobEnded{replaced}. Never blocks, never throws.
    virtual JobId submit(Request request) = 0;

    /// Asks a job to stop between two of its steps; it ends with Error{Interrupted}. Unknown ids
    /// are ignored.
    virtual void stop(JobId job) = 0;

    /// Stops every job.
    virtual void stopAll() = 0;

    /// Takes the events since the last call, oldest first.
    [[nodiscard]] virtual std::vector<Event> drain() = 0;
};

/// Called on the engine's thread whenever the event queue turns from empty to not empty. Must not
/// block.
using Wake = std::function<void()>;

} // namespace depthscope::runtime
