// SPDX-License-Identifier: MIT
// Named recipes: a model's shape with its data and schedule. Committed recipes are what the demo
// models are trained by. Values; any thread.
#pragma once

#include "engine/models/config.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::train {

/// AdamW with warm-up, stable and decay phases (routing.md 3.9): rate · s/w, rate, rate · (1 - (s -
/// p)/d).
struct Schedule {
    double rate = 3e-3;
    std::int64_t warmup = 100; ///< steps
    double decayShare = 0.2;   ///< of all steps, at the end, linear to 0
};

struct Preset {
    std::string name;
    std::string help;
    models::ModelConfig model;
    std::int64_t steps = 1000;
    std::int64_t batch = 8;      ///< sequences a step
    std::int64_t sequence = 256; ///< tokens a sequence
    Schedule schedule;
    double weightDecay = 0.1; ///< matrices only
    double beta1 = 0.9;
    double beta2 = 0.95;
    double clip = 1.0; ///< global gradient norm
    std::uint64_t seed = 1;
    std::int64_t evaluateEvery = 100;
    std::int64_t validationSequences = 32;
    std::uint64_t gradedBytes = 2'000'000; ///< of the procedural half of the corpus
    std::int32_t vocabulary = 1024;        ///< pieces, when the tokenizer is trained along
};

[[nodiscard]] const std::vector<Preset>& presets();

/// Throws Error{Usage} that lists the names.
[[nodiscard]] const Preset& findPreset(const std::string& name);

/// Learning rate of step s (from 0) of `steps`.
[[nodiscard]] double rateAt(const Schedule& schedule, std::int64_t step, std::int64_t steps);

} // namespace depthscope::train
