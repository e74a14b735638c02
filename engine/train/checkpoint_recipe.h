// SPDX-License-Identifier: MIT
// The recipe of a training in the metadata of its checkpoint, for objectives of all kinds. Engine
// thread.
#pragma once

#include "engine/base/error.h"
#include "engine/io/safetensors.h"
#include "engine/settings/recipe.h"
#include "engine/train/objective.h"
#include "engine/train/trainer.h"

#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::train {

/// Of the keys of a checkpoint that say what it was trained with.
inline constexpr const char* kRecipeKey = "recipe.";

/// The recipe's fields as traits.
inline void addRecipe(const std::vector<settings::RecipeField>& fields,
                      std::vector<Trait>& traits) {
    for (const settings::RecipeField& field : fields) {
        // What an older version did not write down was as the preset says.
        traits.push_back({kRecipeKey + field.name, field.value, /*required=*/false});
    }
}

/// Makes the recipe what the checkpoint was trained with. Throws Error{BadInput} naming file and
/// reason.
template <class Recipe>
void applyStoredRecipe(const std::filesystem::path& checkpoint, Recipe& preset) {
    const io::SafetensorsReader reader(checkpoint);
    const std::string prefix = kRecipeKey;
    std::vector<settings::RecipeChange> recipe;
    for (const auto& [key, value] : reader.metadata()) {
        if (key.starts_with(prefix)) {
            recipe.push_back({key.substr(prefix.size()), value});
        }
    }
    const auto name = reader.metadata().find("preset");
    if (name != reader.metadata().end()) {
        requireSame(checkpoint, "preset", name->second, preset.name);
    }
    try {
        changeRecipe(preset, recipe);
    } catch (const Error& error) {
        throw Error(ErrorCode::BadInput, checkpoint.string() + ": " + error.message(),
                    error.hint());
    }
}

} // namespace depthscope::train
