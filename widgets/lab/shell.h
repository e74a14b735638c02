// SPDX-License-Identifier: MIT
// What a bench may use of its laboratory: the settings, the model, the traces, and jobs.
// Implemented by LabController; GUI thread.
#pragma once

#include "engine/settings/lab.h"
#include "engine/trace/trace_store.h"
#include "widgets/lab/job_book.h"

#include <cstdint>
#include <initializer_list>
#include <memory>

namespace depthscope::lab {

class Bench;

class Shell {
public:
    virtual ~Shell() = default;

    [[nodiscard]] virtual const settings::LabSettings& settings() const = 0;
    /// Of settings and content.
    [[nodiscard]] virtual std::uint64_t revision() const = 0;
    /// What is on screen is computed, not recorded.
    [[nodiscard]] virtual bool live() const = 0;
    /// Null: none yet.
    [[nodiscard]] virtual const std::shared_ptr<const spec::ModelInfo>& loadedModel() const = 0;
    [[nodiscard]] virtual trace::TraceStore& traces() = 0;
    [[nodiscard]] virtual const JobBook& jobs() const = 0;
    /// Of the loaded model.
    [[nodiscard]] virtual const Bench& bench() const = 0;
    virtual void submit(JobKind kind, runtime::Request request) = 0;
    virtual void stopJobsOf(std::initializer_list<JobKind> kinds) = 0;
    /// Settings and model agree. If not, begins to make them: loads another model, or queues the
    /// change of the settings, and says so.
    [[nodiscard]] virtual bool modelFollowsSettings() = 0;
    virtual void traceHasChanged() = 0;
};

} // namespace depthscope::lab
