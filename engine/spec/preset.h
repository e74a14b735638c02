// SPDX-License-Identifier: MIT
// Named recipes: a model's shape with its data and schedule. Committed recipes are what the demo
// models are trained by. Values; any thread.
#pragma once

#include "engine/spec/language_spec.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::spec {

/// How the learning rate goes on after the warm-up rate · s/w (docs/routing.md 3.9).
enum class RateShape : std::uint8_t {
    Decay,    ///< rate, then rate · (1 - (s - p)/d) over the last decayShare of the steps
    Constant, ///< rate
    Cosine,   ///< rate · (1 + cos(pi · (s - w)/(S - w)))/2
};

/// "decay", "constant", "cosine"
[[nodiscard]] std::string_view toString(RateShape shape);

struct Schedule {
    RateShape shape = RateShape::Decay;
    double rate = 3e-3;
    std::int64_t warmup = 100; ///< steps
    double decayShare = 0.2;   ///< of all steps, at the end, linear to 0
};

/// The kind of tokenizer that is trained with the model.
enum class TokenizerKind : std::uint8_t { Bytepairs, Characters };

struct Preset {
    std::string name;
    std::string help;
    LanguageSpec model;
    std::int64_t steps = 1000;
    std::int64_t batch = 8;      ///< sequences per micro-batch
    std::int64_t accumulate = 1; ///< micro-batches per step
    std::int64_t sequence = 256; ///< tokens per sequence
    Schedule schedule;
    double weightDecay = 0.1;
    bool decayEverything = false; ///< norms and embeddings too; else matrices only
    double beta1 = 0.9;
    double beta2 = 0.95;
    double clip = 1.0;     ///< global gradient norm
    double average = 0;    ///< decay of an exponential moving average of the weights; 0: none
    bool autocast = false; ///< matrix products in bfloat16
    /// The release does not divide the auxiliary loss by `accumulate` (docs/routing.md 3.4).
    bool auxiliaryUnscaled = false;
    std::uint64_t seed = 1;
    std::int64_t evaluateEvery = 100;
    std::int64_t validationSequences = 32;
    std::uint64_t gradedBytes = 2'000'000; ///< of the procedural half of the corpus
    TokenizerKind tokenizerKind = TokenizerKind::Bytepairs;
    std::int32_t vocabulary = 1024; ///< pieces, when the tokenizer is trained along
};

[[nodiscard]] const std::vector<Preset>& presets();

/// The model as MoR with the settings of its kind of router that the demo models have; recursions
/// that it has already stay.
[[nodiscard]] LanguageSpec withRouter(LanguageSpec model, RouterType type);

/// An estimate, in bytes, of what training a model of so many parameters takes: weights, gradients
/// and moments, and what a micro-batch keeps for its backward pass.
[[nodiscard]] double trainingBytes(const Preset& preset, std::int64_t parameters);

/// Throws Error{Usage} that lists the names.
[[nodiscard]] const Preset& findPreset(const std::string& name);

/// Learning rate of step s (from 0) of `steps`.
[[nodiscard]] double rateAt(const Schedule& schedule, std::int64_t step, std::int64_t steps);

} // namespace depthscope::spec
