// SPDX-License-Identifier: MIT
// Trains one language model: batches from a token table, losses, optimiser, validation,
// checkpoints. The data cursor is a function of seed and step, so a resumed run with the same
// threads goes on bit for bit (on the CPU; a GPU adds up in no fixed order). Engine thread.
#pragma once

#include "engine/data/corpus.h"
#include "engine/models/language_model.h"
#include "engine/spec/preset.h"
#include "engine/train/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace depthscope::train {

struct Evaluation {
    std::int64_t step = 0;
    double trainLoss = 0;     ///< nats, mean since the last evaluation, language-model part
    double valLoss = 0;       ///< nats a token over the fixed validation windows, routed as trained
    std::int64_t tokens = 0;  ///< trained on so far
    double flops = 0;         ///< of training so far: 3 forward passes a step (routing.md 4.2)
    double seconds = 0;       ///< for the caller to fill
    double meanDepth = 0;     ///< of the validation tokens
    std::vector<double> load; ///< share of the validation tokens that run each recursion
};

class Trainer {
public:
    /// `corpus` outlives the trainer. Throws Error{BadInput} if it is shorter than a sequence.
    Trainer(spec::Preset preset, const data::Corpus& corpus, at::Device device = at::kCPU);

    /// One optimiser step over all micro-batches. Throws Error{Internal} naming step and tensor
    /// when a loss or gradient is not finite: the optimiser whose gradient it is has then not
    /// moved its weights.
    void step();

    /// One micro-batch of a step. True: it was the step's last and the optimiser has moved.
    [[nodiscard]] bool advance();

    /// Forgets the micro-batches of a step that is not whole.
    void dropStep();

    [[nodiscard]] std::int64_t stepsDone() const { return m_step; }

    [[nodiscard]] const spec::Preset& preset() const { return m_preset; }

    [[nodiscard]] models::LanguageModel& model() { return *m_model; }

    [[nodiscard]] std::int64_t tokensPerStep() const {
        return m_preset.batch * m_preset.accumulate * m_preset.sequence;
    }

    /// Validation loss over the preset's fixed windows; resets the running training loss.
    [[nodiscard]] Evaluation evaluate();

    /// Puts the moving average in the place of the weights, where the preset keeps one. For the
    /// end of a training: steps after it go on from the average.
    void adoptAverage();

    /// Atomic: the file is the old checkpoint or the whole new one.
    void saveCheckpoint(const std::filesystem::path& file,
                        const std::map<std::string, std::string>& extra) const;
    /// Restores weights, moments and step; returns the metadata. Throws Error{BadInput} naming
    /// file and reason.
    [[nodiscard]] std::map<std::string, std::string> restore(const std::filesystem::path& file);

private:
    struct Batch {
        at::Tensor ids;     // [B, T] int64
        at::Tensor targets; // [B, T] int64
    };

    [[nodiscard]] Batch
    batchAt(const std::vector<std::int32_t>& tokens, std::uint64_t key, std::int64_t rows) const;
    [[nodiscard]] models::Pass trainingPass(const Batch& batch) const;
    [[nodiscard]] at::Tensor lossOf(const models::Pass& pass, const at::Tensor& language) const;
    void microBatch(std::int64_t index);
    void balanceLoads();
    void dropGradients();
    void updateAverage();
    [[noreturn]] void stopNotFinite(double loss, const std::string& tensor);

    spec::Preset m_preset;
    const data::Corpus& m_corpus;
    std::unique_ptr<models::LanguageModel> m_model;
    std::unique_ptr<AdamW> m_optimizer;
    std::unique_ptr<AdamW> m_auxOptimizer; ///< of the auxiliary routers; null without them
    std::vector<at::Tensor> m_average;     ///< of the distinct weights; empty: none kept
    at::Tensor m_loadSum;                  ///< token-choice: loads of this step's micro-batches
    std::int64_t m_step = 0;
    std::int64_t m_parts = 0; ///< micro-batches of the step in flight

    struct Counters {
        double flops = 0;
        double lossSum = 0;
        std::int64_t lossCount = 0;
    };

    Counters m_counted;
    Counters m_atStep; ///< before the step in flight
};

/// The preset as a checkpoint was trained with it. Throws Error{BadInput} naming file and reason.
void takeRecipe(const std::filesystem::path& checkpoint, spec::Preset& preset);

} // namespace depthscope::train
