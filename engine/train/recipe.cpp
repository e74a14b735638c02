// SPDX-License-Identifier: MIT
#include "engine/train/recipe.h"

#include "engine/base/error.h"
#include "engine/models/routing_rules.h"
#include "engine/train/recipe_entry.h"

#include <algorithm>
#include <string_view>

namespace depthscope::train {

using settings::KvPolicy;
using settings::RecipeChange;
using settings::RecipeField;

namespace {

void checkNames(const std::vector<RecipeChange>& changes) {
    for (const RecipeChange& change : changes) {
        const bool known = std::ranges::any_of(
            recipeEntries(), [&](const RecipeEntry& field) { return change.name == field.name; });
        if (!known) {
            std::string names;
            for (const RecipeEntry& field : recipeEntries()) {
                names += (names.empty() ? "" : ", ") + std::string(field.name);
            }
            throw Error(ErrorCode::Usage, "recipe: there is no " + change.name,
                        "There are: " + names + ".");
        }
    }
}

void apply(const RecipeEntry& field, Preset& preset, const std::string& value) {
    if (field.choices) {
        const Names names = field.choices(preset);
        if (std::ranges::find(names, value) == names.end()) {
            std::string list;
            for (const std::string& name : names) {
                list += (list.empty() ? "" : ", ") + name;
            }
            rejectValue(field.name, value, "It is one of: " + list + ".");
        }
    }
    field.write(preset, value);
}

/// What follows from other fields.
void settle(Preset& preset, bool capacityAsked) {
    models::ModelConfig& model = preset.model;
    if (model.sharesLayers() && model.layers - model.unsharedLayers() >= model.recursion.count) {
        model.layers = static_cast<std::int64_t>(
            models::keptLayers(model.recursion.sharing, model.recursion.count, model.layers)
                .size());
    }
    const auto count = static_cast<std::size_t>(model.recursion.count);
    const bool expert = model.hasRouter() && model.mor.type == models::RouterType::Expert;
    if (expert && !capacityAsked && model.mor.capacity.size() != count) {
        model.mor.capacity = models::evenCapacity(model.recursion.count);
    }
    if (model.isMoreFamily() && model.heads > 0) {
        model.headDim = model.width / model.heads; // its files have no field of their own for it
    }
    if (preset.pieces == Pieces::Bytepairs) {
        model.vocabulary = preset.vocabulary;
    }
}

void check(const Preset& preset) {
    models::checkConfig(preset.model, "recipe", "recipe");
    if (preset.model.isMoreFamily() && preset.model.width % preset.model.heads != 0) {
        throw Error(ErrorCode::Usage, "recipe: hidden_size is no multiple of num_attention_heads",
                    "MORE's heads share the width evenly.");
    }
    if (preset.sequence > preset.model.context) {
        throw Error(ErrorCode::Usage,
                    "recipe: sequence " + std::to_string(preset.sequence) +
                        " is longer than max_position_embeddings " +
                        std::to_string(preset.model.context),
                    "Shorten sequence, or lengthen max_position_embeddings.");
    }
    const std::vector<KvPolicy> possible = models::possibleKv(preset.model);
    if (std::ranges::find(possible, preset.model.kv) == possible.end()) {
        rejectValue("kv_sharing", std::string(settings::toString(preset.model.kv)),
                    "Choose recursion or share.");
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
    for (const char* group : {"Shape", "Recursion", "Router", "Experts", "Training"}) {
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
                if (!field.matters(changed) && noEffect == NoEffect::LeaveOut) {
                    continue;
                }
                if (!field.matters(changed)) {
                    throw Error(ErrorCode::Usage,
                                "recipe: " + change.name + " has no effect on a " +
                                    models::toString(changed.model.family) + " model as set",
                                "Leave it out, or set what makes it matter: model_type, router, "
                                "sampling, balancing, z_loss, schedule.");
                }
                apply(field, changed, change.value);
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

} // namespace depthscope::train
