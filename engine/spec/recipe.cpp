// SPDX-License-Identifier: MIT
#include "engine/spec/recipe.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/spec/model_fields.h"
#include "engine/spec/recipe_entry.h"
#include "engine/spec/routing_rules.h"

#include <algorithm>
#include <array>
#include <string>

namespace depthscope::spec {

using settings::RecipeChange;
using settings::RecipeField;

namespace {

/// What follows from other fields.
void settle(Preset& preset, const std::vector<RecipeChange>& changes) {
    const bool capacityAsked =
        std::ranges::find(changes, "capacity", &RecipeChange::name) != changes.end();
    LanguageSpec& model = preset.model;
    if (model.sharesLayers() && !model.isLooped() &&
        model.layers - model.unsharedLayers() >= model.recursion.count) {
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

std::string kindOf(const Preset& preset) {
    return preset.model.hasRouter() ? std::string(toString(preset.model.mor.type)) + " router"
                                    : std::string(toString(preset.model.family)) + " model";
}

RecipeRules<Preset> rules() {
    return {recipeEntries(),
            "model_type, router, router_type, router_func, weighted_gating, sampling, balancing, "
            "z_loss or schedule",
            &kindOf, &settle, &check};
}

} // namespace

std::vector<RecipeField> recipeFields(const Preset& preset) {
    constexpr std::array kGroups{kShape, kRecursion, kRouter, kExperts, kTraining};
    return listFields(rules(), kGroups, preset);
}

void changeRecipe(Preset& preset, const std::vector<RecipeChange>& changes, NoEffect noEffect) {
    applyChanges(rules(), preset, changes, noEffect);
}

} // namespace depthscope::spec
