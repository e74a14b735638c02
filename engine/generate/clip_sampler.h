// SPDX-License-Identifier: MIT
// Draws clips from a video model, or predicts the frames after clean ones: from noise at t = 1 to
// t = 0 in equal steps along the velocity (docs/video_models.md, "Sampling"). A step at a time, so
// that a job can show, trace and stop. The noise of a clip is a function of its own seed, whatever
// the batch. Engine thread. Letters: B clips, N tokens of the target side, P values of a patch.
#pragma once

#include "engine/generate/flow_solver.h"
#include "engine/models/flow.h"
#include "engine/models/video_model.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::generate {

struct ClipSampling {
    int steps = 8;
    FlowSolver solver = FlowSolver::Euler;
    double guidance = 1;      ///< w of v_u + w (v_c - v_u); 1: the label alone, 0: no label
    bool keepsContext = true; ///< false: the context's keys and values are made anew every time
    /// Of both sides; forced depths and ranks of the target's alone. Random controls draw by the
    /// clips' seeds.
    models::PatternRequest patterns{};
    models::RecursionRequest recursion{};
};

/// What clips begin with.
struct ClipStart {
    at::Tensor context;               ///< [B, 3, T, X, Y] clean frames; undefined: none
    at::Tensor labels;                ///< [B] int64; undefined: none
    std::vector<std::uint64_t> seeds; ///< [B]
};

class ClipSampler {
public:
    /// `model` outlives the sampler. Throws Error{Usage} for a context, label or guidance that the
    /// model cannot follow, and for steps outside 1..1000.
    ClipSampler(const models::VideoModel& model, ClipSampling sampling, ClipStart start);

    [[nodiscard]] int stepsDone() const { return m_done; }

    [[nodiscard]] int steps() const { return m_sampling.steps; }

    [[nodiscard]] bool isDone() const { return m_done >= m_sampling.steps; }

    /// One denoising step, without gradients.
    void step();

    /// t of the state: 1 at the beginning, 0 when done.
    [[nodiscard]] double noiseLevel() const;

    /// Target frames as they are at t, [B, 3, T, X, Y]; the clip when done.
    [[nodiscard]] at::Tensor frames() const;

    /// Target frames as the newest evaluation thinks that they end, the same shape; undefined
    /// before the first step.
    [[nodiscard]] at::Tensor expectedFrames() const;

    /// The newest evaluation of the network, its target side; null before the first.
    [[nodiscard]] const models::SidePass* lastPass() const;

    /// The context side as it was read last; null where there is none, or before the first step.
    [[nodiscard]] const models::SidePass* lastContext() const;

    /// Whether the newest step read the context, instead of keys and values that were kept.
    [[nodiscard]] bool madeContext() const { return m_madeContext; }

    /// Bytes of the context's keys and values.
    [[nodiscard]] std::int64_t contextBytes() const { return m_memory.bytes() + m_free.bytes(); }

    /// Forward passes of the target side so far, over all clips together.
    [[nodiscard]] int evaluations() const { return m_evaluations; }

private:
    [[nodiscard]] at::Tensor velocity(const at::Tensor& x, double t);
    [[nodiscard]] at::Tensor evaluate(const at::Tensor& x, const at::Tensor& t, bool withLabels);
    void readContext(models::ContextMemory& memory, const at::Tensor& labels);

    const models::VideoModel& m_model;
    ClipSampling m_sampling;
    ClipStart m_start;
    spec::Extent3 m_grid;                    ///< of the target side
    at::Tensor m_base;                       ///< of a residual output
    models::ContextMemory m_memory;          ///< with labels
    models::ContextMemory m_free;            ///< without; where guidance needs it
    at::Tensor m_x;                          ///< [B, N, P]
    at::Tensor m_expected;                   ///< [B, N, P]
    std::vector<models::SidePass> m_last;    ///< one or none
    std::vector<models::SidePass> m_context; ///< one or none
    bool m_madeContext = false;
    int m_done = 0;
    int m_evaluations = 0;
};

/// Noise of a clip: N(0, 1), [3, T, X, Y] float, from its seed alone.
[[nodiscard]] at::Tensor clipNoise(const spec::Extent3& pixels, std::uint64_t seed);

} // namespace depthscope::generate
