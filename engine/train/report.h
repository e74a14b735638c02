// SPDX-License-Identifier: MIT
// The report of a finished training: samples, the 3-gram baseline, scores by class, the recipe.
// Engine thread.
#pragma once

#include "engine/train/language_objective.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::train {

/// Text that the model generates after a few validation tokens (threshold rule, temperature 0.8,
/// seed 1).
[[nodiscard]] std::string sampleText(const models::LanguageModel& model,
                                     const tokenizers::Tokenizer& tokenizer,
                                     const data::Corpus& corpus);

struct TrainingRecord {
    const LanguageObjective& objective;
    const data::Corpus& corpus;
    std::string source;         ///< of the text: "graded + tinyshakespeare.txt"
    std::uint64_t dataHash = 0; ///< FNV-1a of the training ids
    std::vector<Evaluation> curve;
    std::string sample;
    double seconds = 0;
    int threads = 1;
    std::vector<std::string> resumedWith; ///< differences that end bit-for-bit continuation
};

/// training.json: recipe, data, losses, bits per character, FLOPs per token, the yardstick,
/// classes. Made a window of the validation text at a step.
class TrainingReport {
public:
    explicit TrainingReport(TrainingRecord record);
    ~TrainingReport();
    TrainingReport(const TrainingReport&) = delete;
    TrainingReport& operator=(const TrainingReport&) = delete;

    /// True: there is more to do.
    [[nodiscard]] bool step();

    /// 0..1 of the steps.
    [[nodiscard]] double fraction() const;

    /// The text, once all steps are done.
    [[nodiscard]] std::string text() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace depthscope::train
