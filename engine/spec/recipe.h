// SPDX-License-Identifier: MIT
// A preset as named fields that can be read, changed and compared: the one declaration behind
// --set, the recipe dialog, `presets`, checkpoints and training.json. Pure functions of values; any
// thread.
#pragma once

#include "engine/settings/recipe.h"
#include "engine/spec/preset.h"
#include "engine/spec/recipe_change.h"

#include <vector>

namespace depthscope::spec {

/// The fields that apply to the preset's model type, in form order.
[[nodiscard]] std::vector<settings::RecipeField> recipeFields(const Preset& preset);

/// Applies changes, first those that determine others (model_type, router). Layers that do not
/// divide evenly into the recursions are dropped (docs/routing.md 2.3); capacities that were not
/// set follow the number of recursions. Throws Error{Usage} naming field, value and remedy; the
/// preset is then as before.
void changeRecipe(Preset& preset,
                  const std::vector<settings::RecipeChange>& changes,
                  NoEffect noEffect = NoEffect::Refuse);

} // namespace depthscope::spec
