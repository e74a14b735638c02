// SPDX-License-Identifier: MIT
// A clip drawn by turns under two routings (turns.h), a denoising step at a time. Engine thread.
#pragma once

#include "engine/generate/clip_sampler.h"
#include "engine/session/turns.h"
#include "engine/trace/routing_step.h"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

namespace depthscope::session {

class ClipTurns {
public:
    /// `model` outlives it. The samplings have the same number of steps. Throws as ClipSampler
    /// does.
    ClipTurns(const models::VideoModel& model,
              generate::ClipSampling reference,
              generate::ClipSampling routed,
              generate::ClipStart start);

    void step();

    /// Enough for steady medians.
    [[nodiscard]] bool isDone() const;

    /// The times of denoising step `step` and the rounds, once done.
    void addTo(trace::StepCost& cost, std::size_t step) const;

private:
    const models::VideoModel& m_model;
    std::array<generate::ClipSampling, 2> m_samplings;
    generate::ClipStart m_start;
    std::optional<generate::ClipSampler> m_sampler;          ///< of the run in flight
    std::array<std::vector<std::vector<double>>, 2> m_times; ///< ms, [steps][rounds]
    double m_elapsed = 0;                                    ///< ms of the run in flight
    Turns m_turns;
};

} // namespace depthscope::session
