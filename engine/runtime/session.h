// SPDX-License-Identifier: MIT
// The interface between the job loop (this library) and the LibTorch engine
// (libdepthscope_engine.so, loaded at run time): a session turns requests into jobs. All methods
// are called by the engine thread only.
#pragma once

#include "engine/runtime/event.h"

#include <functional>
#include <memory>
#include <string>

namespace depthscope::runtime {

/// A piece of work cut into steps of at most about 50 ms. Destroyed on the engine thread.
class Job {
public:
    virtual ~Job() = default;

    /// Does the next step. True: there is more to do. Throws Error, or anything derived from
    /// std::exception, to fail the job.
    virtual bool step() = 0;

    /// It was asked to stop and is destroyed next: the last chance to publish what there is.
    virtual void stopped() {}
};

/// Where a job tells what happened. Publishing a step may wait for a full queue.
using Publish = std::function<void(Event)>;

class Session {
public:
    virtual ~Session() = default;

    /// Makes the job of a request; throws Error{Usage} for a kind it does not know.
    [[nodiscard]] virtual std::unique_ptr<Job>
    start(JobId id, const Request& request, const Publish& publish) = 0;

    /// Health of the engine now.
    [[nodiscard]] virtual EngineStatus status() const = 0;

    /// Turns a foreign exception of a step (torch's, bad_alloc) into an Error and frees caches
    /// after an out-of-memory.
    [[nodiscard]] virtual Error translate(const std::exception& error) = 0;
};

/// Options of the engine as a whole.
struct EngineOptions {
    std::string device = "auto"; ///< auto, cpu, cuda, cuda:N
    int threads = 0;             ///< 0: chosen by measuring
    /// float32, bfloat16; auto: float32, or bfloat16 where a language model of more than 500
    /// million weights is stored so.
    std::string dtype = "auto";
    bool interactive = false; ///< a window is open: leave a core to it
    std::uint64_t seed = 1;
};

/// The factory that the engine library exports as extern "C" `depthscope_open_session`. Throws
/// Error.
using OpenSession = Session* (*)(const EngineOptions&);
inline constexpr const char* kOpenSessionSymbol = "depthscope_open_session";

} // namespace depthscope::runtime
