// SPDX-License-Identifier: MIT
// Trains the model of an objective: optimisers, schedule, accumulation, moving average,
// checkpoints. What is drawn is a function of seed and step, so a resumed run with the same threads
// is bit-identical (on the CPU; a GPU sums in no fixed order). Engine thread.
#pragma once

#include "engine/spec/training_recipe.h"
#include "engine/train/metrics.h"
#include "engine/train/objective.h"
#include "engine/train/optimizer.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace depthscope::train {

/// How a training goes, whatever is learned.
struct TrainerSettings {
    std::int64_t steps = 1000;
    std::int64_t accumulate = 1; ///< micro-batches per step
    std::int64_t evaluateEvery = 100;
    spec::Schedule schedule;
    AdamSettings adam;
    double average = 0;    ///< decay of an exponential moving average of the weights; 0: none
    bool autocast = false; ///< matrix products in bfloat16
    Share share;
};

/// As the recipe says.
[[nodiscard]] TrainerSettings trainerSettings(const spec::TrainingRecipe& recipe);

class Trainer {
public:
    /// `objective` outlives the trainer.
    Trainer(TrainerSettings settings, Objective& objective);

    /// One optimiser step over all micro-batches. Throws Error{BadInput} naming step and tensor
    /// when a loss or gradient is not finite: the optimiser whose gradient it is has then not
    /// moved its weights.
    void step();

    /// One micro-batch of a step. True: it was the step's last and the optimiser has moved. `spent`
    /// is the share of the training's time that has gone by, where time ends it.
    [[nodiscard]] bool advance(double spent = 0);

    /// Discards the micro-batches of an incomplete step.
    void dropStep();

    [[nodiscard]] std::int64_t stepsDone() const { return m_step; }

    /// No micro-batch of the next step is done yet.
    [[nodiscard]] bool isBetweenSteps() const { return m_parts == 0; }

    [[nodiscard]] const TrainerSettings& settings() const { return m_settings; }

    [[nodiscard]] std::int64_t tokensPerStep() const {
        return m_objective.tokens() * m_settings.accumulate;
    }

    /// The objective's metrics beside what was trained; resets the running training loss. Where an
    /// average is kept it is what is measured, since it becomes the model. The seconds are for the
    /// caller to fill.
    [[nodiscard]] Evaluation evaluate();

    /// Calls `use` while the model is what evaluate() measures.
    void withAverage(const std::function<void()>& use);

    /// Puts the moving average in the place of the weights, where one is kept. For the end of a
    /// training: steps after it go on from the average.
    void adoptAverage();

    /// Atomic: the file is the old checkpoint or the whole new one.
    void saveCheckpoint(const std::filesystem::path& file,
                        const std::map<std::string, std::string>& extra) const;
    /// Restores weights, moments and step; returns the metadata. Throws Error{BadInput} naming
    /// file and reason.
    [[nodiscard]] std::map<std::string, std::string> restore(const std::filesystem::path& file);

private:
    struct Optimizer {
        double rate = 1.0; ///< times the schedule's
        AdamW adam;
    };

    struct Counters {
        double flops = 0;
        double lossSum = 0;
        std::int64_t lossCount = 0;

        [[nodiscard]] double meanLoss() const { return lossSum / static_cast<double>(lossCount); }
    };

    void microBatch(std::int64_t index, double spent);
    void dropGradients();
    void updateAverage();
    void swapAverage();
    [[noreturn]] void stopNotFinite(double loss, const std::string& tensor);

    TrainerSettings m_settings;
    Objective& m_objective;
    std::vector<Weight> m_weights;
    std::vector<Optimizer> m_optimizers; ///< by rate
    std::vector<at::Tensor> m_average;   ///< of the weights; empty: none kept
    std::int64_t m_step = 0;
    std::int64_t m_parts = 0; ///< micro-batches of the step in flight
    Counters m_counted;
    Counters m_atStep; ///< before the step in flight
};

/// Throws Error{BadInput} if what the checkpoint says under `key` is not what this run has.
void requireSame(const std::filesystem::path& checkpoint,
                 const std::string& key,
                 const std::string& stored,
                 const std::string& ours);

} // namespace depthscope::train
