// SPDX-License-Identifier: MIT
// The quantities of a training recipe by name, as text: what the command line's --set, the recipe
// dialog, checkpoints and training.json speak of. engine/train/recipe_fields.cpp declares which
// there are and what they mean. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace depthscope::settings {

struct RecipeChange {
    std::string name;
    std::string value;

    [[nodiscard]] bool operator==(const RecipeChange&) const = default;
};

struct RecipeField {
    std::string name;  ///< where there is one, the key of config.json or mor_config.json
    std::string group; ///< "Training", "Shape", "Recursion", "Router", "Experts"
    std::string help;  ///< one phrase, with unit and range
    std::string value;
    std::vector<std::string> choices; ///< empty: a number or a list of numbers
};

/// "learning_rate=0.001". Throws Error{Usage}.
[[nodiscard]] RecipeChange parseRecipeChange(std::string_view text);

} // namespace depthscope::settings
