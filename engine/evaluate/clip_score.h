// SPDX-License-Identifier: MIT
// Measures a video model on clips that it was not trained on (docs/video_models.md, "Measures"):
// how well it predicts the frames after the context, beside copying the last one; the flow error by
// noise level; physics where the truth is known. A few clips at a time. Engine thread.
#pragma once

#include "engine/evaluate/clip_batch.h"
#include "engine/evaluate/clip_physics.h"
#include "engine/generate/clip_sampler.h"
#include "engine/models/video_model.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace depthscope::evaluate {

/// t of the flow errors.
inline constexpr std::array<double, 8> kFlowLevels{0.05, 0.18, 0.31, 0.44, 0.56, 0.69, 0.82, 0.95};

struct ClipScore {
    std::int64_t clips = 0;
    double psnrPrediction = 0;  ///< dB, RGB 0..1 clamped, of the mean squared error over all clips
    double psnrCopyLast = 0;    ///< the same of repeating the last context frame
    double psnrContextMean = 0; ///< and of the mean of the context frames
    double shareAboveCopy = 0;  ///< of the clips: error below that of the copied frame
    std::array<double, kFlowLevels.size()> flowLoss{};  ///< mean |v^ - v|² by kFlowLevels
    std::array<double, kFlowLevels.size()> cleanLoss{}; ///< mean |x0^ - x0|²
    double weightedLoss = 0; ///< mean over the levels of min(1/t², cap) · cleanLoss; v: flowLoss
    PhysicsReport physics;   ///< NaN where the clips' objects are not known
};

struct ClipScoring {
    std::int64_t clips = 96;
    std::int64_t batch = 32;
    std::uint64_t firstClip = 0; ///< number in the source
    generate::ClipSampling sampling;
    double weightCap = 4;
    bool flow = true;
    /// The clip without objects, [T, H, W, 3] bytes, for physics; empty: no physics.
    std::function<std::vector<std::uint8_t>(std::uint64_t index)> ground{};
    /// Target tokens are ranked by how much their patch truly changes (data::patchChange) instead
    /// of by their scores; for clips whose cover is known.
    bool oracle = false;
    /// Gets the predicted frames of each batch, [B, 3, T, X, Y]; empty: nobody wants them.
    std::function<void(const at::Tensor& frames)> predicted{};
};

class ClipScorer {
public:
    /// `model` outlives the scorer.
    ClipScorer(const models::VideoModel& model, ClipSource source, ClipScoring scoring);

    /// Measures the next clips; false when there are none left.
    bool step();

    [[nodiscard]] double fraction() const;

    /// Figures of predictions are NaN for a model without context frames.
    [[nodiscard]] ClipScore score() const;

private:
    /// As asked, with what the oracle knows of these clips.
    [[nodiscard]] generate::ClipSampling samplingOf(const std::vector<data::Clip>& clips) const;
    void predict(const std::vector<data::Clip>& clips,
                 const at::Tensor& pixels,
                 const generate::ClipSampling& sampling);
    void measureFlow(const at::Tensor& pixels, const generate::ClipSampling& sampling);

    const models::VideoModel& m_model;
    ClipSource m_source;
    ClipScoring m_scoring;
    std::int64_t m_done = 0;
    double m_predicted = 0, m_copied = 0, m_averaged = 0; ///< sums of clips' errors
    std::int64_t m_above = 0;
    std::array<double, kFlowLevels.size()> m_flow{}, m_clean{};
    PhysicsMeter m_physics;
};

/// The whole of it at once.
[[nodiscard]] ClipScore
scoreClips(const models::VideoModel& model, const ClipSource& source, const ClipScoring& scoring);

} // namespace depthscope::evaluate
