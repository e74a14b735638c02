// SPDX-License-Identifier: MIT
// From a finished forward pass to the immutable StepTrace: one copy from the device, then plain
// arrays. Engine thread.
#pragma once

#include "engine/generate/stage_clock.h"
#include "engine/models/pass.h"
#include "engine/spec/flops.h"
#include "engine/trace/step_trace.h"

#include <memory>
#include <span>

namespace depthscope::session {

/// What tracing needs beside the pass.
struct TraceInput {
    const spec::LanguageSpec* config = nullptr;
    std::shared_ptr<const spec::ModelInfo> info;
    const models::Pass* pass = nullptr;
    std::int64_t firstToken = 0;
    std::int64_t tokensSoFar = 0; ///< in the run, this step included
    bool wantLogits = false;
    const generate::StageClock* stages = nullptr; ///< null: they were not timed
};

/// Fills depth, scores, nll (of tokens 1.. given the logits before them), the losses where the pass
/// computed them, KV bytes and FLOPs. Text,
/// ids, run and timing are the job's. Throws Error{BadInput} where the likelihoods are not finite.
/// One device synchronisation, counted in cost.syncs.
[[nodiscard]] std::shared_ptr<trace::StepTrace> traceOf(const TraceInput& input);

/// What each place had to do: from the depths of the step's tokens and the pass's cache.
[[nodiscard]] spec::StepWork workOf(const spec::LanguageSpec& config,
                                    const models::Pass& pass,
                                    std::span<const std::uint8_t> depth);

/// KV bytes of the run after this step: measured, reserved, predicted, full.
[[nodiscard]] trace::KvMemory
kvMemoryOf(const spec::LanguageSpec& config, const models::Pass& pass, std::int64_t tokensSoFar);

} // namespace depthscope::session
