// SPDX-License-Identifier: MIT
// The quantities of a preset: those of its model and those of its training. Any thread.
#pragma once

#include "engine/spec/field.h"
#include "engine/spec/preset.h"

#include <vector>

namespace depthscope::spec {

using RecipeEntry = Field<Preset>;

/// All of them, in the order in which changes are applied: those that decide what others mean
/// first.
[[nodiscard]] const std::vector<RecipeEntry>& recipeEntries();

} // namespace depthscope::spec
