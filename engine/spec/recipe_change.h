// SPDX-License-Identifier: MIT
// How changes are applied to a recipe of any kind of model: the algorithm behind changeRecipe
// (recipe.h, video_preset.h). Pure functions of values; any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/settings/recipe.h"
#include "engine/spec/field.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace depthscope::spec {

/// What becomes of a change that has no effect, or a choice that is none, for the kind of model
/// that the others make.
enum class NoEffect : std::uint8_t { Refuse, LeaveOut };

/// What is particular to a kind of recipe.
template <class Recipe>
struct RecipeRules {
    /// In the order in which changes are applied: those that decide what others mean first.
    const std::vector<Field<Recipe>>& fields;
    const char* deciders;                 ///< their names, for messages
    std::string (*kindOf)(const Recipe&); ///< "expert router", for messages
    /// What follows from other fields.
    void (*settle)(Recipe&, const std::vector<settings::RecipeChange>&);
    /// Throws Error for a recipe that cannot be.
    void (*check)(const Recipe&);
};

namespace recipe_change {

template <class Recipe>
void checkNames(const RecipeRules<Recipe>& rules,
                const std::vector<settings::RecipeChange>& changes) {
    for (const settings::RecipeChange& change : changes) {
        if (std::ranges::count(changes, change.name, &settings::RecipeChange::name) > 1) {
            throw Error(ErrorCode::Usage, "recipe: " + change.name + " is set twice",
                        "Set it once.");
        }
        const bool known = std::ranges::any_of(
            rules.fields, [&](const auto& field) { return change.name == field.name; });
        if (!known) {
            throw Error(
                ErrorCode::Usage, fmt::format("recipe: unknown field {}", change.name),
                fmt::format("Valid fields: {}.", listOf(rules.fields, &Field<Recipe>::name)));
        }
    }
}

/// Why the recipe as it stands cannot have this value; none: it can.
template <class Recipe>
std::optional<Error> objection(const RecipeRules<Recipe>& rules,
                               const Field<Recipe>& field,
                               const Recipe& recipe,
                               const std::string& value) {
    if (!field.matters(recipe)) {
        return Error(
            ErrorCode::Usage,
            fmt::format("recipe: {} has no effect on a {} as configured", field.name,
                        rules.kindOf(recipe)),
            fmt::format("Omit it, or also set the field it depends on: {}.", rules.deciders));
    }
    const Names names = field.choices ? field.choices(recipe) : Names{value};
    if (std::ranges::find(names, value) != names.end()) {
        return std::nullopt;
    }
    return valueError(field.name, value, fmt::format("Valid values: {}.", listOf(names)));
}

} // namespace recipe_change

/// Throws Error{Usage} naming field, value and remedy; the recipe is then as before.
template <class Recipe>
void applyChanges(const RecipeRules<Recipe>& rules,
                  Recipe& recipe,
                  const std::vector<settings::RecipeChange>& changes,
                  NoEffect noEffect) {
    recipe_change::checkNames(rules, changes);
    Recipe changed = recipe;
    try {
        for (const Field<Recipe>& field : rules.fields) {
            for (const settings::RecipeChange& change : changes) {
                if (change.name != field.name) {
                    continue;
                }
                const auto error = recipe_change::objection(rules, field, changed, change.value);
                if (!error) {
                    field.write(changed, change.value);
                } else if (noEffect == NoEffect::Refuse) {
                    throw Error(*error);
                }
            }
        }
        rules.settle(changed, changes);
        rules.check(changed);
    } catch (const Error& error) {
        throw Error(ErrorCode::Usage, error.message(), error.hint());
    }
    recipe = changed;
}

/// The fields that matter to the recipe, in form order: group by group.
template <class Recipe>
std::vector<settings::RecipeField> listFields(const RecipeRules<Recipe>& rules,
                                              std::span<const char* const> groups,
                                              const Recipe& recipe) {
    std::vector<settings::RecipeField> list;
    for (const std::string_view group : groups) {
        for (const Field<Recipe>& field : rules.fields) {
            if (field.group != nullptr && field.group == group && field.matters(recipe)) {
                list.push_back({field.name, field.group, field.help, field.read(recipe),
                                field.choices ? field.choices(recipe) : Names{}});
            }
        }
    }
    return list;
}

} // namespace depthscope::spec
