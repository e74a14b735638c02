// SPDX-License-Identifier: MIT
// A trainer with a language objective of its own, for tests.
#pragma once

#include "engine/train/language_objective.h"

#include <utility>

namespace depthscope::tests {

struct OwnObjective {
    train::LanguageObjective objective;
};

class LanguageTraining : private OwnObjective, public train::Trainer {
public:
    LanguageTraining(spec::Preset preset, const data::Corpus& corpus)
        : OwnObjective{{std::move(preset), corpus}}
        , Trainer(train::trainerSettings(objective.preset()), objective) {}

    [[nodiscard]] const spec::Preset& preset() const { return objective.preset(); }

    [[nodiscard]] models::LanguageModel& model() { return objective.model(); }
};

} // namespace depthscope::tests
