// SPDX-License-Identifier: MIT
// What the recipes of all kinds of models have in common: name, length, optimiser, schedule. A
// value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace depthscope::spec {

/// How the learning rate goes on after the warm-up rate · s/w (docs/routing.md 3.9).
enum class RateShape : std::uint8_t {
    Decay,    ///< rate, then linear to floor · rate over the last decayShare of the steps
    Constant, ///< rate
    Cosine,   ///< rate · (1 + cos(pi · (s - w)/(S - w)))/2
};

/// "decay", "constant", "cosine"
[[nodiscard]] std::string_view toString(RateShape shape);

struct Schedule {
    RateShape shape = RateShape::Decay;
    double rate = 3e-3;
    std::int64_t warmup = 100; ///< steps
    double decayShare = 0.2;   ///< of all steps, at the end
    double floor = 0;          ///< share of the rate that is left at the end of the decay
};

struct TrainingRecipe {
    std::string name;
    std::string help;
    std::int64_t steps = 1000;
    std::int64_t batch = 8;      ///< samples (sequences, clips) per micro-batch
    std::int64_t accumulate = 1; ///< micro-batches per step
    Schedule schedule;
    double weightDecay = 0.1;
    bool decayEverything = false; ///< norms and embeddings too; else matrices only
    double beta1 = 0.9;
    double beta2 = 0.95;
    double clip = 1.0;     ///< global gradient norm
    double average = 0;    ///< decay of an exponential moving average of the weights; 0: none
    bool autocast = false; ///< matrix products in bfloat16
    std::uint64_t seed = 1;
    std::int64_t evaluateEvery = 100;
};

/// Learning rate of step s (from 0) of `steps`.
[[nodiscard]] double rateAt(const Schedule& schedule, std::int64_t step, std::int64_t steps);

} // namespace depthscope::spec
