// SPDX-License-Identifier: MIT
// Runs a pass stage by stage and keeps how long each part of the model took. On a GPU, work counts
// in the stage that waits for it. A value; engine thread.
#pragma once

#include "engine/models/language_model.h"

#include <vector>

namespace depthscope::generate {

class StageClock {
public:
    /// Stages of one part of the model that follow each other.
    struct Time {
        int recursion = 0; ///< from 1; 0: outside the recursions, or not to be told from them
        double seconds = 0;
    };

    /// The next stage of the pass.
    void runStage(const models::LanguageModel& model, models::Pass& pass);

    [[nodiscard]] const std::vector<Time>& times() const { return m_times; }

private:
    std::vector<Time> m_times; ///< in their order
};

} // namespace depthscope::generate
