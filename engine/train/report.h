// SPDX-License-Identifier: MIT
// What a finished training says of itself: samples, the 3-gram yardstick, scores by class, the
// recipe. Engine thread.
#pragma once

#include "engine/train/trainer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::train {

/// Text that the model generates after a few validation tokens (threshold rule, temperature 0.8,
/// seed 1).
[[nodiscard]] std::string
sampleText(Trainer& trainer, const data::Tokenizer& tokenizer, const data::Corpus& corpus);

struct TrainingRecord {
    Trainer& trainer;
    const data::Corpus& corpus;
    std::string source;         ///< of the text: "graded + tinyshakespeare.txt"
    std::uint64_t dataHash = 0; ///< FNV-1a of the training ids
    std::vector<Evaluation> history;
    std::string sample;
    double seconds = 0;
    int threads = 1;
    std::vector<std::string> resumedWith; ///< differences that end bit-for-bit continuation
};

/// The text of training.json: recipe, data, losses, bits per character, FLOPs per token, the
/// yardstick, classes.
[[nodiscard]] std::string trainingJson(const TrainingRecord& record);

} // namespace depthscope::train
