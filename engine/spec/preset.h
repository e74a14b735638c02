// SPDX-License-Identifier: MIT
// Named recipes of language models: a model's shape with its data and schedule. Committed recipes
// are what the demo models are trained by. Values; any thread. Those of video models:
// video_preset.h.
#pragma once

#include "engine/spec/language_spec.h"
#include "engine/spec/training_recipe.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::spec {

/// The kind of tokenizer that is trained with the model.
enum class TokenizerKind : std::uint8_t { Bytepairs, Characters };

struct Preset : TrainingRecipe {
    LanguageSpec model;
    std::int64_t sequence = 256; ///< tokens per sequence
    /// The release does not divide the auxiliary loss by `accumulate` (docs/routing.md 3.4).
    bool auxiliaryUnscaled = false;
    double exitEntropy = 0.1; ///< weight of the exits' entropy; looped models
    double gateShare = 0;     ///< of the steps, at the end, in which their exit gate learns alone
    std::int64_t validationSequences = 32;
    std::uint64_t gradedBytes = 2'000'000; ///< of the procedural half of the corpus
    TokenizerKind tokenizerKind = TokenizerKind::Bytepairs;
    std::int32_t vocabulary = 1024; ///< pieces, when the tokenizer is trained along
};

[[nodiscard]] const std::vector<Preset>& presets();

/// Published models as they are, to write their shape with random weights; nothing here trains
/// them.
[[nodiscard]] const std::vector<Preset>& publishedShapes();

/// The model as MoR with the settings of its kind of router that the demo models have; recursions
/// that it has already stay.
[[nodiscard]] LanguageSpec withRouter(LanguageSpec model, RouterType type);

/// An estimate, in bytes, of what training a model of so many parameters takes: weights, gradients
/// and moments, and what a micro-batch keeps for its backward pass.
[[nodiscard]] double trainingBytes(const Preset& preset, std::int64_t parameters);

/// Throws Error{Usage} that lists the names of all presets, also of video models.
[[nodiscard]] const Preset& findPreset(const std::string& name);

} // namespace depthscope::spec
