// SPDX-License-Identifier: MIT
#include "engine/spec/model_fields.h"

#include "engine/spec/preset.h"
#include "engine/spec/routing_rules.h"

#include <algorithm>

namespace depthscope::spec {

using settings::KvPolicy;

namespace {

using Matters = bool (*)(const LanguageSpec&);

constexpr double kMany = 1e9;

// ---- when a field matters ----------------------------------------------------------------------

bool always(const LanguageSpec&) {
    return true;
}

bool isLlama(const LanguageSpec& spec) {
    return !spec.isMoreFamily();
}

bool isMore(const LanguageSpec& spec) {
    return spec.family == Family::More;
}

bool shares(const LanguageSpec& spec) {
    return spec.sharesLayers();
}

bool routes(const LanguageSpec& spec) {
    return spec.hasRouter();
}

bool choosesTokens(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.type == RouterType::Expert;
}

bool choosesDepth(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.type == RouterType::Token;
}

bool scalesScores(const LanguageSpec& spec) {
    return routes(spec) && spec.mor.weightedGating && spec.mor.function != RouterFunction::Identity;
}

// ---- kinds of fields ---------------------------------------------------------------------------

/// A field without its type.
ModelField field(const char* name, const char* group, const char* help, Matters matters) {
    ModelField made;
    made.name = name;
    made.group = group;
    made.help = help;
    made.matters = matters;
    made.stands = matters;
    return made;
}

ModelField at(FilePlace place, ModelField made) {
    made.place = place;
    return made;
}

/// Stands in files also where a recipe leaves it out.
ModelField at(FilePlace place, Matters stands, ModelField made) {
    made.place = place;
    made.stands = stands;
    return made;
}

template <class Member>
ModelField number(ModelField made, double least, double most, Member member) {
    visitNumber(made, least, most, member);
    return made;
}

template <class Member>
ModelField flag(ModelField made, Member member) {
    visitFlag(made, member);
    return made;
}

template <class Choice, class Member>
ModelField choice(ModelField made, std::vector<Choice> all, Member member) {
    visitChoice(made, all, member);
    return made;
}

// ---- fields that decide what others mean -------------------------------------------------------

/// Among the families that share a skeleton with the model.
ModelField modelType() {
    ModelField made = choice<Family>(
        field("model_type", kShape,
              "llama, more_baseline: unshared layers; recursive_llama: shared layers, fixed depth; "
              "mor_llama: shared layers, a router decides the depth; more: recursive experts",
              always),
        {Family::Llama, Family::RecursiveLlama, Family::MorLlama, Family::More,
         Family::MoreBaseline},
        [](auto& spec) -> auto& { return spec.family; });
    made.choices = [](const LanguageSpec& spec) {
        return isLlama(spec) ? Names{"llama", "recursive_llama", "mor_llama"}
                             : Names{"more", "more_baseline"};
    };
    made.write = [assign = made.write](LanguageSpec& spec, const std::string& text) {
        const Family before = spec.family;
        assign(spec, text);
        const Family after = spec.family;
        if (after == before) {
            return;
        }
        spec.recursion.count = std::max(spec.recursion.count, 3);
        if (after == Family::MorLlama) {
            spec = withRouter(spec, RouterType::Expert);
        }
    };
    return made;
}

ModelField routerType() {
    ModelField made = choice<RouterType>(
        field("router", kRouter,
              "expert: each recursion chooses its tokens; token: each token chooses its depth",
              routes),
        {RouterType::Expert, RouterType::Token}, [](auto& spec) -> auto& { return spec.mor.type; });
    made.write = [assign = made.write](LanguageSpec& spec, const std::string& text) {
        const RouterType before = spec.mor.type;
        assign(spec, text);
        if (spec.mor.type != before) {
            spec = withRouter(spec, spec.mor.type);
        }
    };
    return at({"/mor/type"}, made);
}

ModelField sharing() {
    ModelField made = choice<Sharing>(
        field("sharing", kRecursion, "which unrolled layers share weights", shares),
        {Sharing::MiddleCycle, Sharing::MiddleSequence, Sharing::Cycle, Sharing::Sequence},
        [](auto& spec) -> auto& { return spec.recursion.sharing; });
    made.choices = [](const LanguageSpec& spec) {
        return routes(spec) ? Names{"middle_cycle", "cycle"}
                            : Names{"middle_cycle", "middle_sequence", "cycle", "sequence"};
    };
    return at({"/recursive/sharing"}, made);
}

/// Two switches of mor_config.json, which repeats the recursion beside them.
ModelField kvSharing() {
    ModelField made = choice<KvPolicy>(
        field("kv_sharing", kRecursion, "keys and values that each recursion keeps in training",
              shares),
        {KvPolicy::Recursion, KvPolicy::Share, KvPolicy::Hybrid},
        [](auto& spec) -> auto& { return spec.kv; });
    made.choices = [](const LanguageSpec& spec) {
        Names names;
        for (const KvPolicy policy : possibleKv(spec)) {
            names.emplace_back(settings::toString(policy));
        }
        return names;
    };
    made.toJson = [](const LanguageSpec& spec) {
        return nlohmann::json{{"enable", spec.kv != KvPolicy::Recursion},
                              {"update_cache", spec.kv == KvPolicy::Hybrid},
                              {"num_recursion", spec.recursion.count},
                              {"sharing", toString(spec.recursion.sharing)}};
    };
    made.fromJson = [](LanguageSpec& spec, const JsonField& value) {
        const bool enabled = value.boolean("enable", false);
        const bool updated = value.boolean("update_cache", false);
        spec.kv = !enabled ? KvPolicy::Recursion : updated ? KvPolicy::Hybrid : KvPolicy::Share;
    };
    return at({"/kv_sharing"}, made);
}

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

// ---- the declaration ---------------------------------------------------------------------------

std::vector<ModelField> decidingFields() {
    return {modelType(), routerType()};
}

std::vector<ModelField> shapeFields() {
    const char* group = kShape;
    return {
        at({"vocab_size", "vocab_size", true},
           number(
               field("vocab_size", nullptr, "size of the vocabulary", always), 1, 4'000'000,
               [](auto& s) -> auto& { return s.vocabulary; })),
        at({"num_hidden_layers", "n_layer", true},
           number(
               field("num_hidden_layers", group, "number of layers, unrolled; of blocks for MORE",
                     always),
               1, 1024, [](auto& s) -> auto& { return s.layers; })),
        at({"hidden_size", "n_embd", true},
           number(
               field("hidden_size", group, "width of the residual stream", always), 2, 65536,
               [](auto& s) -> auto& { return s.width; })),
        at({"intermediate_size", "intermediate_size", true},
           number(
               field("intermediate_size", group, "width of the feed-forward layers", always), 1,
               1 << 20, [](auto& s) -> auto& { return s.ffn; })),
        at({"num_attention_heads", "n_head", true},
           number(
               field("num_attention_heads", group, "query heads", always), 1, 1024,
               [](auto& s) -> auto& { return s.heads; })),
        at({"num_key_value_heads", "n_kv_head"},
           number(
               field("num_key_value_heads", group,
                     "key and value heads, a divisor of the query heads", always),
               1, 1024, [](auto& s) -> auto& { return s.kvHeads; })),
        at({"head_dim"}, number(
                             field("head_dim", group, "width of a head, even", isLlama), 2, 65536,
                             [](auto& s) -> auto& { return s.headDim; })),
        at({"max_position_embeddings", "block_size"},
           number(
               field("max_position_embeddings", group, "context length in tokens", always), 2,
               1 << 24, [](auto& s) -> auto& { return s.context; })),
        at({"rope_theta", "rope_theta"},
           number(
               field("rope_theta", group, "base of the rotary embeddings", always), 1.001, 1e12,
               [](auto& s) -> auto& { return s.ropeTheta; })),
        at({"rms_norm_eps"}, number(
                                 field("rms_norm_eps", group, "epsilon of the RMS norms", isLlama),
                                 1e-12, 0.1, [](auto& s) -> auto& { return s.normEpsilon; })),
        at({"attention_bias"},
           flag(
               field("attention_bias", group,
                     "the query, key, value and output projections have biases", isLlama),
               [](auto& s) -> auto& { return s.attentionBias; })),
        at({"mlp_bias"}, flag(
                             field("mlp_bias", group, "feed-forward layers have biases", isLlama),
                             [](auto& s) -> auto& { return s.mlpBias; })),
        at({"tie_word_embeddings"},
           flag(
               field("tie_word_embeddings", group, "the output head shares the embedding weights",
                     isLlama),
               [](auto& s) -> auto& { return s.tiedHead; })),
    };
}

std::vector<ModelField> recursionFields() {
    return {
        sharing(),
        at({"/recursive/num_recursion"},
           number(
               field("num_recursion", kRecursion, "how often the shared block runs", shares), 2, 64,
               [](auto& s) -> auto& { return s.recursion.count; })),
        kvSharing(),
        at({nullptr, "num_experts"},
           number(
               field("num_experts", kExperts, "experts per block", isMore), 1, 255,
               [](auto& s) -> auto& { return s.more.experts; })),
        at({nullptr, "top_k"}, number(
                                   field("top_k", kExperts, "experts per token", isMore), 1, 255,
                                   [](auto& s) -> auto& { return s.more.perToken; })),
        at({nullptr, "n_recursions"},
           number(
               field("n_recursions", kExperts, "recursions inside each expert", isMore), 1, 64,
               [](auto& s) -> auto& { return s.recursion.count; })),
    };
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

const std::vector<ModelField>& modelFields() {
    static const std::vector<ModelField> all = [] {
        std::vector<ModelField> list;
        for (auto make :
             {decidingFields, shapeFields, recursionFields, scoreFields, routerTrainingFields}) {
            std::vector<ModelField> part = make();
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

} // namespace depthscope::spec
