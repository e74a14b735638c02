// SPDX-License-Identifier: MIT
// The report of a finished training of a video model: recipe, held-out measures, physics, curve.
// Engine thread.
#pragma once

#include "engine/evaluate/clip_score.h"
#include "engine/train/clip_report.h"
#include "engine/train/flow_objective.h"

#include <functional>
#include <string>
#include <vector>

namespace depthscope::train {

struct VideoRecord {
    const FlowObjective& objective;
    evaluate::ClipSource validation;
    std::function<std::vector<std::uint8_t>(std::uint64_t)> ground{}; ///< of validation; or empty
    ClipTraining training{};
};

/// training.json. Made a batch of the held-out clips at a step.
class VideoReport {
public:
    explicit VideoReport(VideoRecord record);

    /// True: there is more to do.
    [[nodiscard]] bool step() { return m_scorer.step(); }

    [[nodiscard]] double fraction() const { return m_scorer.fraction(); }

    /// The text, once all steps are done.
    [[nodiscard]] std::string text() const;

private:
    VideoRecord m_record;
    evaluate::ClipScorer m_scorer;
};

} // namespace depthscope::train
