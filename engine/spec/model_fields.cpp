// SPDX-License-Identifier: MIT
#include "engine/spec/model_fields.h"

#include "engine/spec/model_field_kinds.h"
#include "engine/spec/preset.h"
#include "engine/spec/routing_rules.h"

#include <algorithm>

namespace depthscope::spec {

using settings::KvPolicy;

namespace {

using namespace fields;

// ---- fields that decide what others mean -------------------------------------------------------

/// Among the families that share a skeleton with the model.
ModelField modelType() {
    ModelField made = choice<Family>(
        field("model_type", kShape,
              "llama, more_baseline: unshared layers; recursive_llama: shared layers, fixed depth; "
              "mor_llama: shared layers, a router decides the depth; more: recursive experts",
              always),
        {Family::Llama, Family::RecursiveLlama, Family::MorLlama, Family::More,
         Family::MoreBaseline, Family::Ouro, Family::Huginn},
        [](auto& spec) -> auto& { return spec.family; });
    made.choices = [](const LanguageSpec& spec) {
        return spec.isLooped() ? Names{toString(spec.family)}
               : isLlama(spec) ? Names{"llama", "recursive_llama", "mor_llama"}
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

// ---- the declaration ---------------------------------------------------------------------------

std::vector<ModelField> decidingFields() {
    return {modelType(), routerType()};
}

/// Unrolled here, those of one recursion in the file of a looped model, whose reader multiplies
/// them.
ModelField layers() {
    ModelField made = number(
        field("num_hidden_layers", kShape, "number of layers, unrolled; of blocks for MORE",
              countsUnrolled),
        1, 1024, [](auto& s) -> auto& { return s.layers; });
    const auto said = [](const LanguageSpec& spec) {
        return spec.isLooped() ? spec.blockLayers() : spec.layers;
    };
    made.read = [said](const LanguageSpec& spec) { return textOf(said(spec)); };
    made.toJson = [said](const LanguageSpec& spec) { return nlohmann::json(said(spec)); };
    made.write = [assign = made.write](LanguageSpec& spec, const std::string& text) {
        assign(spec, text);
        spec.layers *= spec.isLooped() ? spec.recursion.count : 1;
    };
    return at({"num_hidden_layers", "n_layer", true}, made);
}

/// The layers of one recursion stay.
ModelField loopCount() {
    ModelField made = number(
        field("total_ut_steps", kRecursion, "how often all layers run", hasGate), 1,
        kMostRecursions, [](auto& s) -> auto& { return s.recursion.count; });
    made.write = [assign = made.write](LanguageSpec& spec, const std::string& text) {
        const std::int64_t layers = spec.blockLayers();
        assign(spec, text);
        spec.layers = layers * spec.recursion.count;
    };
    return at({"total_ut_steps", nullptr, true}, made);
}

ModelField exitStep() {
    ModelField made = number(
        field("early_exit_step", nullptr, "the recursion that gives the logits, from 0", hasGate),
        -1, kMostRecursions - 1, [](auto& s) -> auto& { return s.loop.exitStep; });
    made.toJson = [](const LanguageSpec& spec) {
        return spec.loop.exitStep < 0 ? nlohmann::json(nullptr)
                                      : nlohmann::json(spec.loop.exitStep);
    };
    return at({"early_exit_step"}, made);
}

std::vector<ModelField> loopFields() {
    return {
        loopCount(),
        at({"early_exit_threshold"},
           number(
               field("early_exit_threshold", nullptr,
                     "exit probability from which a recursion gives the logits", hasGate),
               0.0, 1.0, [](auto& s) -> auto& { return s.loop.exitThreshold; })),
        exitStep(),
    };
}

/// One of the numbers whose product and sum are Huginn's unrolled layers: the others stay.
template <class Member>
ModelField refinedCount(ModelField made, double most, Member member) {
    ModelField counted = number(std::move(made), 1, most, member);
    counted.write = [assign = counted.write](LanguageSpec& spec, const std::string& text) {
        const std::int64_t core = spec.blockLayers();
        assign(spec, text);
        spec.layers = spec.loop.prelude + core * spec.recursion.count + spec.loop.coda;
    };
    return counted;
}

/// Unrolled in the spec; what is outside the core is read before.
ModelField coreLayers() {
    ModelField made = number(
        field("n_layers_in_recurrent_block", kShape, "layers of the core, which recurs", refines),
        1, 1024, [](auto& s) -> auto& { return s.layers; });
    made.read = [](const LanguageSpec& spec) { return textOf(spec.blockLayers()); };
    made.toJson = [](const LanguageSpec& spec) { return nlohmann::json(spec.blockLayers()); };
    const auto unroll = [](LanguageSpec& spec) {
        const auto bounded = [](std::int64_t n) { // what is absurd is refused by checkSpec
            return std::clamp<std::int64_t>(n, 0, 1 << 20U);
        };
        spec.layers = bounded(spec.loop.prelude) + bounded(spec.layers) * spec.recursion.count +
                      bounded(spec.loop.coda);
    };
    made.write = [assign = made.write, unroll](LanguageSpec& spec, const std::string& text) {
        assign(spec, text);
        unroll(spec);
    };
    made.fromJson = [assign = made.fromJson, unroll](LanguageSpec& spec, const JsonField& value) {
        assign(spec, value);
        unroll(spec);
    };
    return at({nullptr, nullptr, true, "n_layers_in_recurrent_block"}, made);
}

std::vector<ModelField> refinedFields() {
    return {
        at({nullptr, nullptr, true, "mean_recurrence"},
           refinedCount(
               field("mean_recurrence", kRecursion,
                     "how often the core runs; in training that often on average", refines),
               kMostRecursions, [](auto& s) -> auto& { return s.recursion.count; })),
        at({nullptr, nullptr, true, "n_layers_in_prelude"},
           refinedCount(
               field("n_layers_in_prelude", kShape, "layers before the core", refines), 1024,
               [](auto& s) -> auto& { return s.loop.prelude; })),
        at({nullptr, nullptr, true, "n_layers_in_coda"},
           refinedCount(
               field("n_layers_in_coda", kShape, "layers behind the core", refines), 1024,
               [](auto& s) -> auto& { return s.loop.coda; })),
        coreLayers(),
        at({nullptr, nullptr, true, "qk_bias"},
           flag(
               field("qk_bias", kShape, "queries and keys have biases", refines),
               [](auto& s) -> auto& { return s.loop.queryKeyBias; })),
    };
}

std::vector<ModelField> shapeFields() {
    const char* group = kShape;
    return {
        at({"vocab_size", "vocab_size", true, "vocab_size"},
           number(
               field("vocab_size", nullptr, "size of the vocabulary", always), 1, 4'000'000,
               [](auto& s) -> auto& { return s.vocabulary; })),
        layers(),
        at({"hidden_size", "n_embd", true, "n_embd"},
           number(
               field("hidden_size", group, "width of the residual stream", always), 2, 65536,
               [](auto& s) -> auto& { return s.width; })),
        at({"intermediate_size", "intermediate_size", true, "intermediate_size"},
           number(
               field("intermediate_size", group, "width of the feed-forward layers", always), 1,
               1 << 20, [](auto& s) -> auto& { return s.ffn; })),
        at({"num_attention_heads", "n_head", true, "n_heads"},
           number(
               field("num_attention_heads", group, "query heads", always), 1, 1024,
               [](auto& s) -> auto& { return s.heads; })),
        at({"num_key_value_heads", "n_kv_head", false, "num_key_value_heads"},
           number(
               field("num_key_value_heads", group,
                     "key and value heads, a divisor of the query heads", always),
               1, 1024, [](auto& s) -> auto& { return s.kvHeads; })),
        at({"head_dim"}, number(
                             field("head_dim", group, "width of a head, even", isLlama), 2, 65536,
                             [](auto& s) -> auto& { return s.headDim; })),
        at({"max_position_embeddings", "block_size", false, "block_size"},
           number(
               field("max_position_embeddings", group, "context length in tokens", always), 2,
               1 << 24, [](auto& s) -> auto& { return s.context; })),
        at({"rope_theta", "rope_theta", false, "rope_base"},
           number(
               field("rope_theta", group, "base of the rotary embeddings", always), 1.001, 1e12,
               [](auto& s) -> auto& { return s.ropeTheta; })),
        at({"rms_norm_eps", nullptr, false, "norm_eps"},
           number(
               field("rms_norm_eps", group, "epsilon of the RMS norms", isLlama), 1e-12, 0.1,
               [](auto& s) -> auto& { return s.normEpsilon; })),
        at({"attention_bias"},
           flag(
               field("attention_bias", group,
                     "the query, key, value and output projections have biases", hasLlamaLayers),
               [](auto& s) -> auto& { return s.attentionBias; })),
        at({"mlp_bias"},
           flag(
               field("mlp_bias", group, "feed-forward layers have biases", hasLlamaLayers),
               [](auto& s) -> auto& { return s.mlpBias; })),
        at({"tie_word_embeddings", nullptr, false, "tie_embeddings"},
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

} // namespace

const std::vector<ModelField>& modelFields() {
    static const std::vector<ModelField> all = [] {
        std::vector<ModelField> list;
        for (auto make : {decidingFields, shapeFields, loopFields, refinedFields, recursionFields,
                          routerFields}) {
            std::vector<ModelField> part = make();
            list.insert(list.end(), part.begin(), part.end());
        }
        return list;
    }();
    return all;
}

} // namespace depthscope::spec
