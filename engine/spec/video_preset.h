// SPDX-License-Identifier: MIT
// Named recipes of video models: a shape with its clips, objective and schedule
// (docs/video_models.md). Values; any thread. Those of language models: preset.h.
#pragma once

#include "engine/settings/recipe.h"
#include "engine/spec/recipe_change.h"
#include "engine/spec/training_recipe.h"
#include "engine/spec/video_spec.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::spec {

struct VideoPreset : TrainingRecipe {
    VideoSpec model;
    std::string clips;       ///< of spec::clipPresets()
    std::string data;        ///< folder of own videos to learn instead; empty: none
    std::int64_t every = 1;  ///< each n-th of their frames is taken
    double weightCap = 4;    ///< w(t) = min(1 / t^2, this) on the error of the clean clip
    double timeShift = 3;    ///< s of t' = s t / (1 + (s - 1) t)
    double contextShare = 1; ///< of the micro-batches: predict from clean frames
    double labelDrop = 0.1;  ///< of the labels, for guidance
    std::int64_t validationClips = 96;
};

[[nodiscard]] const std::vector<VideoPreset>& videoPresets();

/// Null where there is none of that name.
[[nodiscard]] const VideoPreset* findVideoPreset(std::string_view name);

/// As recipe.h says of language models.
[[nodiscard]] std::vector<settings::RecipeField> recipeFields(const VideoPreset& preset);
void changeRecipe(VideoPreset& preset,
                  const std::vector<settings::RecipeChange>& changes,
                  NoEffect noEffect = NoEffect::Refuse);

/// An estimate, in bytes, of what training a model of so many parameters takes: weights, gradients
/// and moments, and what a micro-batch keeps for its backward pass.
[[nodiscard]] double trainingBytes(const VideoPreset& preset, std::int64_t parameters);

} // namespace depthscope::spec
