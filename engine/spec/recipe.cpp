// SPDX-License-Identifier: MIT
#include "engine/spec/recipe.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/model_fields.h"
#include "engine/spec/recipe_entry.h"
#include "engine/spec/routing_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace depthscope::spec {

using settings::RecipeChange;
using settings::RecipeField;

namespace {

void checkNames(const std::vector<RecipeChange>& changes) {
    for (const RecipeChange& change : changes) {
        if (std::ranges::count(changes, change.name, &RecipeChange::name) > 1) {
            throw Error(ErrorCode::Usage, "recipe: " + change.name + " is set twice",
                        "Set it once.");
        }
        const bool known = std::ranges::any_of(
            recipeEntries(), [&](const RecipeEntry& field) { return change.name == field.name; });
        if (!known) {
            throw Error(
                ErrorCode::Usage, fmt::format("recipe: unknown field {}", change.name),
                fmt::format("Valid fields: {}.", listOf(recipeEntries(), &RecipeEntry::name)));
        }
    }
}

/// Why the preset as it stands cannot have this value; none: it can.
std::optional<Error>
objection(const RecipeEntry& field, const Preset& preset, const std::string& value) {
    if (!field.matters(preset)) {
        const std::string kind = preset.model.hasRouter()
                                     ? std::string(toString(preset.model.mor.type)) + " router"
                                     : std::string(toString(preset.model.family)) + " model";
        return Error(
            ErrorCode::Usage,
            "recipe: " + std::string(field.name) + " has no effect on a " + kind + " as configured",
            "Omit it, or also set the field it depends on: model_type, router, router_type, "
            "router_func, weighted_gating, sampling, balancing, z_loss or schedule.");
    }
    const Names names = field.choices ? field.choices(preset) : Names{value};
    if (std::ranges::find(names, value) != names.end()) {
        return std::nullopt;
    }
    return valueError(field.name, value, fmt::format("Valid values: {}.", listOf(names)));
}

/// What follows from other fields.
void settle(Preset& preset, bool capacityAsked) {
    LanguageSpec& model = preset.model;
    if (model.sharesLayers() && model.layers - model.unsharedLayers() >= model.recursion.count) {
        model.layers = static_cast<std::int64_t>(
            keptLayers(model.recursion.sharing, model.recursion.count, model.layers).size());
    }
    const auto count = static_cast<std::size_t>(model.recursion.count);
    const bool expert = model.hasRouter() && model.mor.type == RouterType::Expert;
    if (expert && !capacityAsked && model.mor.capacity.size() != count) {
        model.mor.capacity = evenCapacity(model.recursion.count);
    }
    if (model.isMoreFamily() && model.heads > 0) {
        model.headDim = model.width / model.heads; // its files have no field of their own for it
    }
    if (preset.tokenizerKind == TokenizerKind::Bytepairs) {
        model.vocabulary = preset.vocabulary;
    }
}

void check(const Preset& preset) {
    const LanguageSpec& model = preset.model;
    if (model.isMoreFamily() && (model.width % (2 * model.heads) != 0)) {
        throw Error(ErrorCode::Usage,
                    "recipe: hidden_size " + std::to_string(model.width) +
                        " is not a multiple of twice num_attention_heads " +
                        std::to_string(model.heads),
                    "MORE splits the width evenly among the heads, and rotary embeddings need an "
                    "even head width.");
    }
    checkSpec(model, "recipe", "recipe");
    // What the first pass would refuse: keys to share that some tokens lack.
    static_cast<void>(resolveRouting(model, {}, RoutingUse::Pass));
    if (preset.sequence > preset.model.context) {
        throw Error(ErrorCode::Usage,
                    "recipe: sequence " + std::to_string(preset.sequence) +
                        " is longer than max_position_embeddings " +
                        std::to_string(preset.model.context),
                    "Reduce sequence, or increase max_position_embeddings.");
    }
}

void appendGroup(std::vector<RecipeField>& list, const Preset& preset, std::string_view group) {
    for (const RecipeEntry& field : recipeEntries()) {
        if (field.group == group && field.matters(preset)) {
            list.push_back({field.name, field.group, field.help, field.read(preset),
                            field.choices ? field.choices(preset) : Names{}});
        }
    }
}

} // namespace

std::vector<RecipeField> recipeFields(const Preset& preset) {
    std::vector<RecipeField> list;
    for (const char* group : {kShape, kRecursion, kRouter, kExperts, kTraining}) {
        appendGroup(list, preset, group);
    }
    return list;
}

void changeRecipe(Preset& preset, const std::vector<RecipeChange>& changes, NoEffect noEffect) {
    checkNames(changes);
    Preset changed = preset;
    bool capacityAsked = false;
    try {
        for (const RecipeEntry& field : recipeEntries()) {
            for (const RecipeChange& change : changes) {
                if (change.name != field.name) {
                    continue;
                }
                if (const auto error = objection(field, changed, change.value)) {
                    if (noEffect == NoEffect::LeaveOut) {
                        continue;
                    }
                    throw Error(*error);
                }
                field.write(changed, change.value);
                capacityAsked = capacityAsked || change.name == "capacity";
            }
        }
        settle(changed, capacityAsked);
        check(changed);
    } catch (const Error& error) {
        throw Error(ErrorCode::Usage, error.message(), error.hint());
    }
    preset = changed;
}

} // namespace depthscope::spec
