// SPDX-License-Identifier: MIT
// What the engine reports to programs. Plain values without tensors, passed between threads by
// value. A job publishes events and ends with exactly one JobEnded. Each carries the id of its job,
// except EngineStatus, which belongs to no job. What jobs found out is in report.h.
#pragma once

#include "engine/base/error.h"
#include "engine/runtime/batch_request.h"
#include "engine/runtime/report.h"
#include "engine/runtime/request.h"
#include "engine/trace/step_trace.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace depthscope::runtime {

struct ModelLoaded {
    JobId job = 0;
    ModelRole role = ModelRole::Main;
    std::shared_ptr<const spec::ModelInfo> model;
};

struct StepPublished {
    JobId job = 0;
    trace::StepPtr step;
};

struct JobStarted {
    JobId job = 0;
};

struct JobProgress {
    JobId job = 0;
    double fraction = 0;     ///< 0..1
    double secondsLeft = -1; ///< an estimate; negative: unknown
    std::string what;        ///< "reading weights", "step 120 of 900"
};

/// Exactly one per request, also for requests that a newer one replaced (`replaced`).
struct JobEnded {
    JobId job = 0;
    bool replaced = false;
    std::optional<Error> error;
};

/// Health of the engine, sent when it changes, at most a few times a second.
struct EngineStatus {
    std::string device;
    int threads = 0;
    std::int64_t memoryBytes = 0; ///< in use by tensors
    std::int64_t memoryReservedBytes = 0;
    std::uint64_t syncs = 0;      ///< device synchronisations since the start
    std::uint64_t queueWaits = 0; ///< times the engine waited for a full event queue
};

using Event = std::variant<ModelLoaded,
                           StepPublished,
                           JobStarted,
                           JobProgress,
                           JobEnded,
                           EngineStatus,
                           ConvergenceReport,
                           BatchAnswer,
                           LanesReport,
                           BatchReport,
                           ScoreReport,
                           TrainReport,
                           ExperimentReport,
                           VideoSampleReport,
                           VideoScoreReport,
                           VideoProbeReport,
                           TokenizeReport,
                           GradedTextReport,
                           ClipReport,
                           BenchReport,
                           SelftestReport,
                           InfoReport>;

} // namespace depthscope::runtime
