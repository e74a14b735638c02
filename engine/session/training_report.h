// SPDX-License-Identifier: MIT
// What a finished training says of itself: samples, the 3-gram yardstick, scores by class, the recipe. Engine thread.
#pragma once

#include "engine/runtime/request.h"
#include "engine/session/training_corpus.h"
#include "engine/train/trainer.h"

#include <string>
#include <vector>

namespace depthscope::session {

/// Text that the model generates after a few validation tokens (threshold rule, temperature 0.8, seed 1).
[[nodiscard]] std::string sampleText(train::Trainer& trainer, const data::Tokenizer& tokenizer, const data::Corpus& corpus);

struct TrainingRecord {
    train::Trainer& trainer;
    const TrainingData& data;
    const runtime::TrainRequest& request;
    const std::vector<runtime::TrainReport>& history;
    double seconds = 0;
    int threads = 1;
};

/// The text of training.json: recipe, data, losses, bits per character, FLOPs per token, the yardstick, classes.
[[nodiscard]] std::string trainingJson(const TrainingRecord& record);

} // namespace depthscope::session
