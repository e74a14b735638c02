// SPDX-License-Identifier: MIT
// The declaration of what every recipe has beside its model (training_recipe.h). Any thread.
#pragma once

#include "engine/spec/field.h"
#include "engine/spec/training_recipe.h"

#include <vector>

namespace depthscope::spec {

/// Parts of a recipe.
inline constexpr const char* kShape = "Shape";
inline constexpr const char* kRecursion = "Recursion";
inline constexpr const char* kRouter = "Router";
inline constexpr const char* kExperts = "Experts";
inline constexpr const char* kTraining = "Training";

namespace fields {

template <class Recipe>
bool decays(const Recipe& recipe) {
    return recipe.schedule.shape == RateShape::Decay;
}

template <class Recipe>
Field<Recipe> ofTraining(
    const char* name,
    const char* help,
    bool (*matters)(const Recipe&) = [](const Recipe&) { return true; }) {
    return {name, kTraining, help, matters};
}

template <class Recipe>
std::vector<Field<Recipe>> scheduleFields() {
    return {
        number(
            ofTraining<Recipe>("learning_rate", "peak learning rate of AdamW"), 1e-9, 10,
            [](auto& p) -> auto& { return p.schedule.rate; }),
        choice<RateShape>(
            ofTraining<Recipe>(
                "schedule",
                "learning rate after the warm-up: constant with a final decay, constant, or "
                "cosine"),
            {RateShape::Decay, RateShape::Constant, RateShape::Cosine},
            [](auto& p) -> auto& { return p.schedule.shape; }),
        number(
            ofTraining<Recipe>("warmup", "steps over which the learning rate rises"), 0, 1e9,
            [](auto& p) -> auto& { return p.schedule.warmup; }),
        number(
            ofTraining<Recipe>("decay_share",
                               "share of the steps over which the learning rate falls",
                               &decays<Recipe>),
            0, 1, [](auto& p) -> auto& { return p.schedule.decayShare; }),
        number(
            ofTraining<Recipe>("decay_floor",
                               "share of the learning rate that is left at the end of the decay",
                               &decays<Recipe>),
            0, 1, [](auto& p) -> auto& { return p.schedule.floor; }),
    };
}

template <class Recipe>
std::vector<Field<Recipe>> optimiserFields() {
    return {
        number(
            ofTraining<Recipe>("weight_decay", "of AdamW"), 0, 10,
            [](auto& p) -> auto& { return p.weightDecay; }),
        flag(
            ofTraining<Recipe>("decay_everything",
                               "apply weight decay to norms and embeddings too, "
                               "not only to matrices"),
            [](auto& p) -> auto& { return p.decayEverything; }),
        number(
            ofTraining<Recipe>("beta1", "of AdamW"), 0, 0.999999,
            [](auto& p) -> auto& { return p.beta1; }),
        number(
            ofTraining<Recipe>("beta2", "of AdamW"), 0, 0.999999,
            [](auto& p) -> auto& { return p.beta2; }),
        number(
            ofTraining<Recipe>("clip", "maximum global gradient norm"), 1e-6, 1e9,
            [](auto& p) -> auto& { return p.clip; }),
        number(
            ofTraining<Recipe>("average", "decay of the exponential moving average of the weights, "
                                          "which becomes the model; 0: none"),
            0, 0.9999999, [](auto& p) -> auto& { return p.average; }),
        number(
            ofTraining<Recipe>("evaluate_every", "steps between evaluations and checkpoints"), 1,
            1e9, [](auto& p) -> auto& { return p.evaluateEvery; }),
    };
}

} // namespace fields

} // namespace depthscope::spec
