// SPDX-License-Identifier: MIT
// The quantities of a router and of how it is trained.
#include "engine/spec/model_field_kinds.h"

namespace depthscope::spec::fields {

namespace {

ModelField routerFunction() {
    ModelField made = choice<RouterFunction>(
        field("router_func", kRouter, "activation of the router scores", routes),
        {RouterFunction::Sigmoid, RouterFunction::Tanh, RouterFunction::Identity,
         RouterFunction::Softmax},
        [](auto& spec) -> auto& { return spec.mor.function; });
    made.choices = [](const LanguageSpec& spec) {
        return choosesTokens(spec) ? Names{"sigmoid", "tanh", "identity"}
                                   : Names{"softmax", "sigmoid"};
    };
    made.write = [assign = made.write](LanguageSpec& spec, const std::string& text) {
        const RouterFunction before = spec.mor.function;
        assign(spec, text);
        if (spec.mor.function != before) {
            // The alpha that each is shipped with (docs/routing.md 3.1, 3.5).
            spec.mor.alpha = spec.mor.function == RouterFunction::Softmax ? 1.0 : 0.1;
        }
    };
    return at({"/mor/*/router_func"}, made);
}

/// A word in the file.
ModelField weightedGating() {
    ModelField made = flag(
        field("weighted_gating", kRouter,
              "weight a recursion's output by its score; false: add it unweighted", routes),
        [](auto& spec) -> auto& { return spec.mor.weightedGating; });
    made.toJson = [](const LanguageSpec& spec) {
        return nlohmann::json(spec.mor.weightedGating ? "weighted" : "additive");
    };
    made.fromJson = [](LanguageSpec& spec, const JsonField& value) {
        spec.mor.weightedGating = value.string() == "weighted";
    };
    return at({"/mor/*/gating"}, made);
}

/// A text, or a list of numbers and texts.
std::vector<Fraction> capacityOf(const JsonField& value) {
    if (value.value().is_string()) {
        return settings::parseCapacity(value.string());
    }
    if (!value.value().is_array()) {
        throw Error(ErrorCode::BadInput, "must be a string or a list",
                    "For example: \"1.0,0.66,0.33\".");
    }
    std::vector<Fraction> capacity;
    for (const nlohmann::json& entry : value.value()) {
        capacity.push_back(
            parseFraction(entry.is_string() ? entry.get<std::string>() : entry.dump(), "capacity"));
    }
    return capacity;
}

ModelField capacity() {
    ModelField made =
        field("capacity", kRouter,
              "share of the tokens that each recursion keeps, never increasing, e.g. 1,2/3,1/3",
              choosesTokens);
    made.read = [](const LanguageSpec& spec) { return settings::toString(spec.mor.capacity); };
    made.write = [](LanguageSpec& spec, const std::string& text) {
        try {
            // As it will be written: a text that reads back as itself.
            spec.mor.capacity =
                settings::parseCapacity(settings::toString(settings::parseCapacity(text)));
        } catch (const Error& error) {
            throw valueError("capacity", text, error.message() + ". " + error.hint());
        }
    };
    made.toJson = made.read;
    made.fromJson = [](LanguageSpec& spec, const JsonField& value) {
        try {
            spec.mor.capacity = capacityOf(value);
        } catch (const Error& error) {
            throw Error(ErrorCode::BadInput, value.where() + ": " + error.message(), error.hint());
        }
    };
    return at({"/mor/capacity"}, made);
}

std::vector<ModelField> scoreFields() {
    const char* group = kRouter;
    return {
        at({"/mor/router_type"},
           choice<RouterNet>(
               field("router_type", group, "network that computes the router scores", routes),
               {RouterNet::Linear, RouterNet::Mlp, RouterNet::WideMlp},
               [](auto& s) -> auto& { return s.mor.net; })),
        at({"/mor/wide_factor"}, routes,
           number(
               field("wide_factor", group,
                     "hidden width of wide_mlp as a multiple of the width: 2 as released, 4 in the "
                     "paper",
                     [](const LanguageSpec& s) {
                         return routes(s) && s.mor.net == RouterNet::WideMlp;
                     }),
               1, 64, [](auto& s) -> auto& { return s.mor.wideFactor; })),
        routerFunction(),
        weightedGating(),
        at({"/mor/*/alpha"}, routes,
           number(
               field("alpha", group, "scale of the router scores", scalesScores), 0, 1e6,
               [](auto& s) -> auto& { return s.mor.alpha; })),
        at({"/mor/temp"}, number(
                              field("temp", group, "temperature of the router scores", routes),
                              1e-6, 1e6, [](auto& s) -> auto& { return s.mor.temperature; })),
        at({"/mor/rand_router"}, routes,
           flag(
               field("rand_router", group, "random instead of learned selection, as a control",
                     choosesTokens),
               [](auto& s) -> auto& { return s.mor.randomRouter; })),
        capacity(),
    };
}

std::vector<ModelField> routerTrainingFields() {
    const char* group = kRouter;
    return {
        at({"/mor/expert/cap_warmup_step"},
           number(
               field("cap_warmup_step", group,
                     "micro-batches over which the capacity falls to its value", choosesTokens),
               0, kMany, [](auto& s) -> auto& { return s.mor.capacityWarmup; })),
        at({"/mor/expert/sampling"},
           choice<ScoreTraining>(
               field("sampling", group, "how the router learns to decide causally", choosesTokens),
               {ScoreTraining::AuxLoss, ScoreTraining::AuxRouter, ScoreTraining::None},
               [](auto& s) -> auto& { return s.mor.scoreTraining; })),
        at({"/mor/expert/coeff"}, choosesTokens,
           number(
               field("aux_coeff", group, "weight of the auxiliary loss",
                     [](const LanguageSpec& s) {
                         return choosesTokens(s) && s.mor.scoreTraining == ScoreTraining::AuxLoss;
                     }),
               0, 1e6, [](auto& s) -> auto& { return s.mor.auxCoefficient; })),
        at({"/mor/token/balancing"},
           choice<Balancing>(
               field("balancing", group, "how tokens are balanced over the depths", choosesDepth),
               {Balancing::Loss, Balancing::LossFree, Balancing::None},
               [](auto& s) -> auto& { return s.mor.balancing; })),
        at({"/mor/token/coeff"}, choosesDepth,
           number(
               field("balance_coeff", group, "weight of the balancing loss",
                     [](const LanguageSpec& s) {
                         return choosesDepth(s) && s.mor.balancing == Balancing::Loss;
                     }),
               0, 1e6, [](auto& s) -> auto& { return s.mor.balanceCoefficient; })),
        at({"/mor/token/u"}, choosesDepth,
           number(
               field("u", group, "update rate of the loss-free balancing bias",
                     [](const LanguageSpec& s) {
                         return choosesDepth(s) && s.mor.balancing == Balancing::LossFree;
                     }),
               0, 1e6, [](auto& s) -> auto& { return s.mor.balanceRate; })),
        at({"/mor/token/bal_warmup_step"},
           number(
               field("bal_warmup_step", group,
                     "micro-batches in which every token runs at full depth", choosesDepth),
               0, kMany, [](auto& s) -> auto& { return s.mor.balanceWarmup; })),
        at({"/mor/z_loss"},
           flag(
               field("z_loss", group, "add a z-loss that keeps the router logits small", routes),
               [](auto& s) -> auto& { return s.mor.zLoss; })),
        at({"/mor/z_coeff"}, routes,
           number(
               field("z_coeff", group, "weight of the z-loss",
                     [](const LanguageSpec& s) { return routes(s) && s.mor.zLoss; }),
               0, 1e6, [](auto& s) -> auto& { return s.mor.zCoefficient; })),
    };
}

} // namespace

std::vector<ModelField> routerFields() {
    std::vector<ModelField> list = scoreFields();
    const std::vector<ModelField> training = routerTrainingFields();
    list.insert(list.end(), training.begin(), training.end());
    return list;
}

} // namespace depthscope::spec::fields
