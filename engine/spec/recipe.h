// SPDX-License-Identifier: MIT
// A preset as named quantities that can be read, changed and compared: the one declaration behind
// --set, the recipe dialog, `presets`, checkpoints and training.json. Pure functions of values; any
// thread.
#pragma once

#include "engine/settings/recipe.h"
#include "engine/spec/preset.h"

#include <cstdint>
#include <vector>

namespace depthscope::spec {

/// The quantities that matter to the preset's kind of model, in the order of a form.
[[nodiscard]] std::vector<settings::RecipeField> recipeFields(const Preset& preset);

/// What becomes of a change that has no effect, or a choice that is none, for the kind of model
/// that the others make.
enum class NoEffect : std::uint8_t { Refuse, LeaveOut };

/// Applies changes, those that decide what others mean (model_type, router) first. Layers that do
/// not divide into the recursions are dropped (routing.md 2.3); capacities that were not asked for
/// follow the number of recursions. Throws Error{Usage} naming field, value and remedy; the preset
/// is then as before.
void changeRecipe(Preset& preset,
                  const std::vector<settings::RecipeChange>& changes,
                  NoEffect noEffect = NoEffect::Refuse);

} // namespace depthscope::spec
