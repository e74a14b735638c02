// SPDX-License-Identifier: MIT
// Named recipes of video autoencoders: a shape with its clips and schedule (docs/video_models.md,
// "Autoencoder"). Values; any thread.
#pragma once

#include "engine/settings/recipe.h"
#include "engine/spec/autoencoder_spec.h"
#include "engine/spec/recipe_change.h"
#include "engine/spec/training_recipe.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::spec {

struct AutoencoderPreset : TrainingRecipe {
    AutoencoderSpec model;
    std::string clips;      ///< of spec::clipPresets()
    std::string data;       ///< folder of own videos to learn instead; empty: none
    std::int64_t every = 1; ///< each n-th of their frames is taken
    std::int64_t validationClips = 32;
};

[[nodiscard]] const std::vector<AutoencoderPreset>& autoencoderPresets();

/// Null where there is none of that name.
[[nodiscard]] const AutoencoderPreset* findAutoencoderPreset(std::string_view name);

/// As recipe.h says of language models.
[[nodiscard]] std::vector<settings::RecipeField> recipeFields(const AutoencoderPreset& preset);
void changeRecipe(AutoencoderPreset& preset,
                  const std::vector<settings::RecipeChange>& changes,
                  NoEffect noEffect = NoEffect::Refuse);

/// As video_preset.h says.
[[nodiscard]] double trainingBytes(const AutoencoderPreset& preset, std::int64_t parameters);

} // namespace depthscope::spec
