// SPDX-License-Identifier: MIT
// What every training.json of a model that learned clips says, whatever was learned: recipe, own
// videos, software, curve. Engine thread.
#pragma once

#include "engine/data/own_split.h"
#include "engine/settings/recipe.h"
#include "engine/spec/training_recipe.h"
#include "engine/train/metrics.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::train {

/// How a training went.
struct ClipTraining {
    /// Own videos that were learned, both or none; they outlive the record.
    const data::OwnClips* own = nullptr;
    const data::OwnSplit* split = nullptr;
    std::vector<Evaluation> curve{};
    double seconds = 0;
    int threads = 1;
    std::string device = "cpu";
    std::vector<std::string> resumedWith{}; ///< differences that end bit-for-bit continuation
};

/// Held-out clips that a finished model is measured on: others than the curve's, where there are
/// enough.
struct ScoredClips {
    std::int64_t count = 0;
    std::uint64_t first = 0;
};

[[nodiscard]] ScoredClips scoredClips(std::int64_t validationClips, const data::OwnSplit* split);

/// A recipe whose fields are `fields`, and where its own videos were.
struct TrainedRecipe {
    const spec::TrainingRecipe& recipe;
    std::vector<settings::RecipeField> fields;
    std::string videos; ///< folder; empty: none
};

/// training.json but for "model" and "validation".
[[nodiscard]] nlohmann::json trainingJson(const TrainedRecipe& trained,
                                          const ClipTraining& training);

} // namespace depthscope::train
