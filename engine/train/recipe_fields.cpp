// SPDX-License-Identifier: MIT
// The declaration of every quantity of a recipe.
#include "engine/models/routing_rules.h"
#include "engine/train/recipe_entry.h"

#include <algorithm>

namespace depthscope::train {

using models::Balancing;
using models::Family;
using models::RouterFunction;
using models::RouterNet;
using models::RouterType;
using models::Sampling;
using models::Sharing;
using settings::KvPolicy;

namespace {

// ---- when a field matters ----------------------------------------------------------------------

bool always(const Preset&) {
    return true;
}

bool isLlama(const Preset& preset) {
    return !preset.model.isMoreFamily();
}

bool isMore(const Preset& preset) {
    return preset.model.family == Family::More;
}

bool shares(const Preset& preset) {
    return preset.model.sharesLayers();
}

bool routes(const Preset& preset) {
    return preset.model.hasRouter();
}

bool choosesTokens(const Preset& preset) {
    return routes(preset) && preset.model.mor.type == RouterType::Expert;
}

bool choosesDepth(const Preset& preset) {
    return routes(preset) && preset.model.mor.type == RouterType::Token;
}

bool scalesScores(const Preset& preset) {
    const models::MorConfig& mor = preset.model.mor;
    return routes(preset) && mor.weightedGating && mor.function != RouterFunction::Identity;
}

// ---- fields that decide what others mean -------------------------------------------------------

/// Among the families that share a skeleton with the preset.
RecipeEntry modelType() {
    RecipeEntry field = choice<Family>(
        "model_type", kShape,
        "llama, more_baseline: layers of their own; recursive_llama: shared layers at fixed depth; "
        "mor_llama: a router decides; more: recursive experts",
        always,
        {Family::Llama, Family::RecursiveLlama, Family::MorLlama, Family::More,
         Family::MoreBaseline},
        [](auto& preset) -> auto& { return preset.model.family; });
    field.choices = [](const Preset& preset) {
        return isLlama(preset) ? Names{"llama", "recursive_llama", "mor_llama"}
                               : Names{"more", "more_baseline"};
    };
    field.write = [assign = field.write](Preset& preset, const std::string& text) {
        const Family before = preset.model.family;
        assign(preset, text);
        const Family after = preset.model.family;
        if (after == before) {
            return;
        }
        preset.model.recursion.count = std::max(preset.model.recursion.count, 3);
        if (after == Family::MorLlama) {
            preset.model = withRouter(preset.model, RouterType::Expert);
        }
    };
    return field;
}

RecipeEntry routerType() {
    RecipeEntry field = choice<RouterType>(
        "router", kRouter,
        "expert: each recursion chooses its tokens; token: each token chooses its depth", routes,
        {RouterType::Expert, RouterType::Token},
        [](auto& preset) -> auto& { return preset.model.mor.type; });
    field.write = [assign = field.write](Preset& preset, const std::string& text) {
        const RouterType before = preset.model.mor.type;
        assign(preset, text);
        if (preset.model.mor.type != before) {
            preset.model = withRouter(preset.model, preset.model.mor.type);
        }
    };
    return field;
}

RecipeEntry routerFunction() {
    RecipeEntry field = choice<RouterFunction>(
        "router_func", kRouter, "of the scores", routes,
        {RouterFunction::Sigmoid, RouterFunction::Tanh, RouterFunction::Identity,
         RouterFunction::Softmax},
        [](auto& preset) -> auto& { return preset.model.mor.function; });
    field.choices = [](const Preset& preset) {
        return choosesTokens(preset) ? Names{"sigmoid", "tanh", "identity"}
                                     : Names{"softmax", "sigmoid"};
    };
    field.write = [assign = field.write](Preset& preset, const std::string& text) {
        const RouterFunction before = preset.model.mor.function;
        assign(preset, text);
        if (preset.model.mor.function != before) {
            // The alpha that each is shipped with (routing.md 3.1, 3.5).
            preset.model.mor.alpha =
                preset.model.mor.function == RouterFunction::Softmax ? 1.0 : 0.1;
        }
    };
    return field;
}

RecipeEntry sharing() {
    RecipeEntry field = choice<Sharing>(
        "sharing", kRecursion, "which unrolled layers are one", shares,
        {Sharing::MiddleCycle, Sharing::MiddleSequence, Sharing::Cycle, Sharing::Sequence},
        [](auto& preset) -> auto& { return preset.model.recursion.sharing; });
    field.choices = [](const Preset& preset) {
        return routes(preset) ? Names{"middle_cycle", "cycle"}
                              : Names{"middle_cycle", "middle_sequence", "cycle", "sequence"};
    };
    return field;
}

RecipeEntry capacity() {
    RecipeEntry field{"capacity",
                      kRouter,
                      "share of the tokens that each recursion keeps, not growing, e.g. 1,2/3,1/3",
                      choosesTokens,
                      {},
                      {},
                      {}};
    field.read = [](const Preset& preset) { return settings::toString(preset.model.mor.capacity); };
    field.write = [](Preset& preset, const std::string& text) {
        try {
            // As it will be written: a text that reads back as itself.
            preset.model.mor.capacity =
                settings::parseCapacity(settings::toString(settings::parseCapacity(text)));
        } catch (const Error& error) {
            throw valueError("capacity", text, error.message() + ". " + error.hint());
        }
    };
    return field;
}

RecipeEntry kvSharing() {
    RecipeEntry field = choice<KvPolicy>(
        "kv_sharing", kRecursion, "keys and values that recursions keep while training", shares,
        {KvPolicy::Recursion, KvPolicy::Share, KvPolicy::Hybrid},
        [](auto& preset) -> auto& { return preset.model.kv; });
    field.choices = [](const Preset& preset) {
        Names names;
        for (const KvPolicy policy : models::possibleKv(preset.model)) {
            names.emplace_back(settings::toString(policy));
        }
        return names;
    };
    return field;
}

// ---- the declaration ---------------------------------------------------------------------------

constexpr double kMany = 1e9;

std::vector<RecipeEntry> decidingFields() {
    return {modelType(), routerType()};
}

std::vector<RecipeEntry> trainingFields() {
    const char* group = kTraining;
    return {
        number(
            "learning_rate", group, "peak rate of AdamW", always, 1e-9, 10,
            [](auto& p) -> auto& { return p.schedule.rate; }),
        choice<RateShape>(
            "schedule", group,
            "after the warm-up: constant with a decay at the end, constant, or cosine", always,
            {RateShape::Decay, RateShape::Constant, RateShape::Cosine},
            [](auto& p) -> auto& { return p.schedule.shape; }),
        number(
            "warmup", group, "steps in which the rate rises", always, 0, kMany,
            [](auto& p) -> auto& { return p.schedule.warmup; }),
        number(
            "decay_share", group, "share of the steps in which the rate falls to 0",
            [](const Preset& p) { return p.schedule.shape == RateShape::Decay; }, 0, 1,
            [](auto& p) -> auto& { return p.schedule.decayShare; }),
        number(
            "batch", group, "sequences a micro-batch", always, 1, 65536,
            [](auto& p) -> auto& { return p.batch; }),
        number(
            "accumulate", group, "micro-batches a step", always, 1, 65536,
            [](auto& p) -> auto& { return p.accumulate; }),
        number(
            "sequence", group, "tokens a sequence", always, 2, 1 << 20,
            [](auto& p) -> auto& { return p.sequence; }),
        number(
            "weight_decay", group, "of AdamW", always, 0, 10,
            [](auto& p) -> auto& { return p.weightDecay; }),
        flag(
            "decay_everything", group, "decay norms and embeddings too, not matrices alone", always,
            [](auto& p) -> auto& { return p.decayEverything; }),
        number(
            "beta1", group, "of AdamW", always, 0, 0.999999,
            [](auto& p) -> auto& { return p.beta1; }),
        number(
            "beta2", group, "of AdamW", always, 0, 0.999999,
            [](auto& p) -> auto& { return p.beta2; }),
        number(
            "clip", group, "largest norm of all gradients together", always, 1e-6, kMany,
            [](auto& p) -> auto& { return p.clip; }),
        number(
            "average", group,
            "decay of an exponential moving average that becomes the model; 0: none", always, 0,
            0.9999999, [](auto& p) -> auto& { return p.average; }),
        number(
            "evaluate_every", group, "steps between validations and checkpoints", always, 1, kMany,
            [](auto& p) -> auto& { return p.evaluateEvery; }),
        number(
            "validation_sequences", group, "sequences of the validation loss", always, 1, 65536,
            [](auto& p) -> auto& { return p.validationSequences; }),
        number(
            "graded_bytes", group, "length of the procedural text, where it is asked for", always,
            10'000, kMany, [](auto& p) -> auto& { return p.gradedBytes; }),
    };
}

std::vector<RecipeEntry> shapeFields() {
    const char* group = kShape;
    return {
        number(
            "num_hidden_layers", group, "unrolled depth; with MORE its blocks", always, 1, 1024,
            [](auto& p) -> auto& { return p.model.layers; }),
        number(
            "hidden_size", group, "width", always, 2, 65536,
            [](auto& p) -> auto& { return p.model.width; }),
        number(
            "intermediate_size", group, "width of the feed-forward layers", always, 1, 1 << 20,
            [](auto& p) -> auto& { return p.model.ffn; }),
        number(
            "num_attention_heads", group, "query heads", always, 1, 1024,
            [](auto& p) -> auto& { return p.model.heads; }),
        number(
            "num_key_value_heads", group, "key and value heads, a divisor of the query heads",
            always, 1, 1024, [](auto& p) -> auto& { return p.model.kvHeads; }),
        number(
            "head_dim", group, "width of a head, even", isLlama, 2, 65536,
            [](auto& p) -> auto& { return p.model.headDim; }),
        number(
            "max_position_embeddings", group, "context in tokens", always, 2, 1 << 24,
            [](auto& p) -> auto& { return p.model.context; }),
        number(
            "rope_theta", group, "base of the rotary positions", always, 1.001, 1e12,
            [](auto& p) -> auto& { return p.model.ropeTheta; }),
        number(
            "rms_norm_eps", group, "added before a norm's root", isLlama, 1e-12, 0.1,
            [](auto& p) -> auto& { return p.model.normEpsilon; }),
        flag(
            "attention_bias", group, "queries, keys, values and outputs have biases", isLlama,
            [](auto& p) -> auto& { return p.model.attentionBias; }),
        flag(
            "mlp_bias", group, "feed-forward layers have biases", isLlama,
            [](auto& p) -> auto& { return p.model.mlpBias; }),
        flag(
            "tie_word_embeddings", group, "the embedding is the output head too", isLlama,
            [](auto& p) -> auto& { return p.model.tiedHead; }),
        number(
            "vocabulary", group, "pieces of the tokenizer that is learned along",
            [](const Preset& p) { return p.pieces == Pieces::Bytepairs; }, 257, 4'000'000,
            [](auto& p) -> auto& { return p.vocabulary; }),
    };
}

std::vector<RecipeEntry> recursionFields() {
    const char* group = kRecursion;
    return {
        sharing(),
        number(
            "num_recursion", group, "times that the shared block runs", shares, 2, 64,
            [](auto& p) -> auto& { return p.model.recursion.count; }),
        kvSharing(),
        number(
            "num_experts", kExperts, "experts of a block", isMore, 1, 255,
            [](auto& p) -> auto& { return p.model.more.experts; }),
        number(
            "top_k", kExperts, "experts that a token runs", isMore, 1, 255,
            [](auto& p) -> auto& { return p.model.more.perToken; }),
        number(
            "n_recursions", kExperts, "loops of an expert", isMore, 1, 64,
            [](auto& p) -> auto& { return p.model.recursion.count; }),
    };
}

std::vector<RecipeEntry> routerFields() {
    const char* group = kRouter;
    return {
        choice<RouterNet>(
            "router_type", group, "what makes the scores", routes,
            {RouterNet::Linear, RouterNet::Mlp, RouterNet::WideMlp},
            [](auto& p) -> auto& { return p.model.mor.net; }),
        number(
            "wide_factor", group, "hidden width of wide_mlp over the width: 2 as released, 4 paper",
            [](const Preset& p) { return routes(p) && p.model.mor.net == RouterNet::WideMlp; }, 1,
            64, [](auto& p) -> auto& { return p.model.mor.wideFactor; }),
        routerFunction(),
        flag(
            "weighted_gating", group,
            "a recursion's output is weighted by its score; false: added as it is", routes,
            [](auto& p) -> auto& { return p.model.mor.weightedGating; }),
        number(
            "alpha", group, "scale of the scores", scalesScores, 0, 1e6,
            [](auto& p) -> auto& { return p.model.mor.alpha; }),
        number(
            "temp", group, "temperature of the scores", routes, 1e-6, 1e6,
            [](auto& p) -> auto& { return p.model.mor.temperature; }),
        flag(
            "rand_router", group, "the control: selections are drawn, not learned", choosesTokens,
            [](auto& p) -> auto& { return p.model.mor.randomRouter; }),
        capacity(),
        number(
            "cap_warmup_step", group, "micro-batches in which the capacity falls to its value",
            choosesTokens, 0, kMany, [](auto& p) -> auto& { return p.model.mor.capacityWarmup; }),
        choice<Sampling>(
            "sampling", group, "what trains the scores to be causal", choosesTokens,
            {Sampling::AuxLoss, Sampling::AuxRouter, Sampling::None},
            [](auto& p) -> auto& { return p.model.mor.sampling; }),
        number(
            "aux_coeff", group, "of the auxiliary loss",
            [](const Preset& p) {
                return choosesTokens(p) && p.model.mor.sampling == Sampling::AuxLoss;
            },
            0, 1e6, [](auto& p) -> auto& { return p.model.mor.auxCoefficient; }),
        flag(
            "aux_unscaled", group,
            "the release's quirk: its auxiliary loss is not divided by the micro-batches",
            [](const Preset& p) {
                return choosesTokens(p) && p.model.mor.sampling == Sampling::AuxLoss;
            },
            [](auto& p) -> auto& { return p.auxiliaryUnscaled; }),
        choice<Balancing>(
            "balancing", group, "what spreads tokens over the depths", choosesDepth,
            {Balancing::Loss, Balancing::LossFree, Balancing::None},
            [](auto& p) -> auto& { return p.model.mor.balancing; }),
        number(
            "balance_coeff", group, "of the balancing loss",
            [](const Preset& p) {
                return choosesDepth(p) && p.model.mor.balancing == Balancing::Loss;
            },
            0, 1e6, [](auto& p) -> auto& { return p.model.mor.balanceCoefficient; }),
        number(
            "u", group, "rate of the loss-free bias",
            [](const Preset& p) {
                return choosesDepth(p) && p.model.mor.balancing == Balancing::LossFree;
            },
            0, 1e6, [](auto& p) -> auto& { return p.model.mor.balanceRate; }),
        number(
            "bal_warmup_step", group, "micro-batches in which every token runs full depth",
            choosesDepth, 0, kMany, [](auto& p) -> auto& { return p.model.mor.balanceWarmup; }),
        flag(
            "z_loss", group, "keeps the router's logits small", routes,
            [](auto& p) -> auto& { return p.model.mor.zLoss; }),
        number(
            "z_coeff", group, "of the z-loss",
            [](const Preset& p) { return routes(p) && p.model.mor.zLoss; }, 0, 1e6,
            [](auto& p) -> auto& { return p.model.mor.zCoefficient; }),
    };
}

} // namespace

const std::vector<RecipeEntry>& recipeEntries() {
    static const std::vector<RecipeEntry> all = [] {
        std::vector<RecipeEntry> list;
        for (auto make :
             {decidingFields, shapeFields, recursionFields, routerFields, trainingFields}) {
            std::vector<RecipeEntry> part = make();
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

} // namespace depthscope::train
