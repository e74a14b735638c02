// SPDX-License-Identifier: MIT
// The report of a finished training of an autoencoder: recipe, held-out measures beside the
// control's, curve. Engine thread.
#pragma once

#include "engine/evaluate/reconstruction_score.h"
#include "engine/train/clip_report.h"
#include "engine/train/reconstruction_objective.h"

#include <string>

namespace depthscope::train {

struct ReconstructionRecord {
    const ReconstructionObjective& objective;
    evaluate::ClipSource validation;
    ClipTraining training{};
};

/// training.json. Made a batch of the held-out clips at a step.
class ReconstructionReport {
public:
    explicit ReconstructionReport(ReconstructionRecord record);

    /// True: there is more to do.
    [[nodiscard]] bool step() { return m_scorer.step(); }

    [[nodiscard]] double fraction() const { return m_scorer.fraction(); }

    /// The text, once all steps are done.
    [[nodiscard]] std::string text() const;

private:
    ReconstructionRecord m_record;
    evaluate::ReconstructionScorer m_scorer;
};

} // namespace depthscope::train
