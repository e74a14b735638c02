// SPDX-License-Identifier: MIT
#include "engine/io/config_reader.h"

#include "engine/io/json_file.h"
#include "engine/spec/model_type.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

namespace depthscope::io {

using models::Balancing;
using models::Family;
using models::ModelConfig;
using models::MorConfig;
using models::RouterFunction;
using models::RouterNet;
using models::RouterType;
using models::Sampling;
using models::Sharing;
using nlohmann::json;

namespace {

/// A field whose text is the name of one of `choices`; the first of them where it is missing.
template <class Choice>
Choice readChoice(const JsonFile& file, const char* field, std::initializer_list<Choice> choices) {
    const std::string name = file.text(field, models::toString(*choices.begin()));
    std::string names;
    for (const Choice choice : choices) {
        if (name == models::toString(choice)) {
            return choice;
        }
        names += (names.empty() ? "" : ", ") + std::string(models::toString(choice));
    }
    file.reject(field, "is \"" + name + "\"", "It is one of " + names + ".");
}

/// Either spelling: rope_theta beside rope_scaling, or both in rope_parameters; the kind is called
/// rope_type or, in older files, type.
void readRope(const JsonFile& file, ModelConfig& config) {
    const bool together = file.has("rope_parameters");
    const JsonFile source = file.object(together ? "rope_parameters" : "rope_scaling");
    config.ropeTheta = source.number("rope_theta", file.number("rope_theta", config.ropeTheta));
    const char* field = source.has("rope_type") ? "rope_type" : "type";
    const std::string kind = source.text(field, "default");
    if (kind == "default") {
        return;
    }
    nn::RopeScaling& scaling = config.ropeScaling;
    if (kind != "linear" && kind != "llama3") {
        source.reject(field, "is \"" + kind + "\", which is not known",
                      "Rotary positions of the types default, linear and llama3 can be computed.");
    }
    const auto required = [&](const char* name) {
        if (!source.has(name)) {
            source.reject(name, "is missing",
                          "The configuration is incomplete; get it again from where the weights "
                          "came from.");
        }
        return source.number(name, 0);
    };
    scaling.factor = required("factor");
    if (kind == "linear") {
        scaling.kind = nn::RopeScaling::Kind::Linear;
        return;
    }
    scaling.kind = nn::RopeScaling::Kind::Llama3;
    scaling.lowFactor = required("low_freq_factor");
    scaling.highFactor = required("high_freq_factor");
    scaling.trainedContext = required("original_max_position_embeddings");
}

constexpr std::array<std::string_view, 5> kDtypes{"auto", "float32", "float16", "bfloat16",
                                                  "float64"};

void rejectUnsupported(const JsonFile& file) {
    for (const char* field : {"dtype", "torch_dtype"}) {
        const std::string dtype = file.text(field, "auto");
        if (std::ranges::find(kDtypes, dtype) == kDtypes.end()) {
            file.reject(field, "is \"" + dtype + "\"",
                        "Weights of float32, float16, bfloat16 or float64 can be read.");
        }
    }
    const std::string activation = file.text("hidden_act", "silu");
    if (activation != "silu") {
        file.reject("hidden_act", "is \"" + activation + "\"",
                    "Only \"silu\" feed-forward layers are known.");
    }
}

ModelConfig readLlama(const JsonFile& file) {
    rejectUnsupported(file);
    ModelConfig config;
    config.vocabulary = file.integer("vocab_size");
    config.width = file.integer("hidden_size");
    config.ffn = file.integer("intermediate_size");
    config.layers = file.integer("num_hidden_layers");
    config.heads = file.integer("num_attention_heads");
    config.kvHeads = file.integer("num_key_value_heads", config.heads);
    // What is no size at all is left to checkConfig.
    const bool sizes = config.heads > 0 && config.width > 0;
    if (!file.has("head_dim") && sizes && config.width % config.heads != 0) {
        file.reject(
            "hidden_size", "is no multiple of num_attention_heads, and head_dim is missing",
            "The configuration is incomplete; get it again from where the weights came from.");
    }
    config.headDim = file.has("head_dim") ? file.integer("head_dim")
                     : sizes              ? config.width / config.heads
                                          : 0;
    constexpr std::int64_t kDefaultContext = 2048;
    config.context = file.integer("max_position_embeddings", kDefaultContext);
    readRope(file, config);
    config.attentionBias = file.boolean("attention_bias", false);
    config.mlpBias = file.boolean("mlp_bias", false);
    config.normEpsilon = file.number("rms_norm_eps", config.normEpsilon);
    config.tiedHead = file.boolean("tie_word_embeddings", false);
    return config;
}

std::vector<Fraction> capacityOf(const JsonFile& mor, int recursions) {
    if (!mor.has("capacity")) {
        return models::evenCapacity(recursions);
    }
    const json& written = mor.raw()["capacity"];
    if (written.is_string()) {
        return settings::parseCapacity(written.get<std::string>());
    }
    if (!written.is_array()) {
        throw Error(ErrorCode::BadInput, "capacity is neither a text nor a list",
                    "Write for example \"1.0,0.66,0.33\".");
    }
    std::vector<Fraction> capacity;
    for (const json& entry : written) {
        capacity.push_back(
            parseFraction(entry.is_string() ? entry.get<std::string>() : entry.dump(), "capacity"));
    }
    return capacity;
}

std::vector<Fraction> readCapacity(const JsonFile& mor, int recursions) {
    try {
        return capacityOf(mor, recursions);
    } catch (const Error& error) {
        throw Error(ErrorCode::BadInput, mor.where() + ": " + error.message(), error.hint());
    }
}

int smallInteger(const JsonFile& file, const char* field, std::int64_t fallback) {
    const std::int64_t value = file.has(field) ? file.integer(field) : fallback;
    return static_cast<int>(std::clamp<std::int64_t>(value, INT32_MIN, INT32_MAX));
}

void readExpertPart(const JsonFile& part, MorConfig& config) {
    config.sampling =
        readChoice(part, "sampling", {Sampling::AuxLoss, Sampling::AuxRouter, Sampling::None});
    config.auxCoefficient = part.number("coeff", config.auxCoefficient);
    config.capacityWarmup = part.has("cap_warmup_step") && !part.raw()["cap_warmup_step"].is_null()
                                ? part.integer("cap_warmup_step")
                                : 0;
}

void readTokenPart(const JsonFile& part, MorConfig& config) {
    config.balancing =
        readChoice(part, "balancing", {Balancing::Loss, Balancing::LossFree, Balancing::None});
    config.balanceCoefficient = part.number("coeff", config.balanceCoefficient);
    config.balanceRate = part.number("u", config.balanceRate);
    config.balanceWarmup = part.has("bal_warmup_step") && !part.raw()["bal_warmup_step"].is_null()
                               ? part.integer("bal_warmup_step")
                               : 0;
}

MorConfig readMor(const JsonFile& side, int recursions) {
    const JsonFile mor = side.object("mor");
    MorConfig config;
    config.type = readChoice(mor, "type", {RouterType::Expert, RouterType::Token});
    config.net =
        readChoice(mor, "router_type", {RouterNet::Linear, RouterNet::Mlp, RouterNet::WideMlp});
    config.wideFactor = smallInteger(mor, "wide_factor", config.wideFactor);
    config.randomRouter = mor.boolean("rand_router", false);
    const JsonFile part = mor.object(models::toString(config.type));
    config.function = readChoice(part, "router_func",
                                 {RouterFunction::Sigmoid, RouterFunction::Tanh,
                                  RouterFunction::Identity, RouterFunction::Softmax});
    config.alpha = part.number("alpha", config.alpha);
    config.weightedGating = part.text("gating", "weighted") == "weighted";
    config.temperature = mor.number("temp", 1.0);
    config.zLoss = mor.boolean("z_loss", false);
    config.zCoefficient = mor.number("z_coeff", config.zCoefficient);
    if (config.type == RouterType::Expert) {
        config.capacity = readCapacity(mor, std::clamp(recursions, 0, 64));
        readExpertPart(part, config);
    } else {
        readTokenPart(part, config);
    }
    return config;
}

settings::KvPolicy readKv(const JsonFile& sharing) {
    if (!sharing.boolean("enable", false)) {
        return settings::KvPolicy::Recursion;
    }
    return sharing.boolean("update_cache", false) ? settings::KvPolicy::Hybrid
                                                  : settings::KvPolicy::Share;
}

/// The side-car of a model whose layers recur: with a router (`mor` enabled) or without.
void readSideCar(const JsonFile& file, const JsonFile& side, ModelConfig& config) {
    const JsonFile recursive = side.object("recursive");
    static_cast<void>(side.object("mor").boolean("enable", true)); // refuses what is no boolean
    static_cast<void>(recursive.boolean("enable", false));
    const std::string type = spec::modelTypeOf(file.raw(), &side.raw());
    const bool router = type == models::toString(Family::MorLlama);
    if (!router && type != models::toString(Family::RecursiveLlama)) {
        return;
    }
    config.recursion.sharing = readChoice(
        recursive, "sharing",
        {Sharing::MiddleCycle, Sharing::MiddleSequence, Sharing::Cycle, Sharing::Sequence});
    config.recursion.count = smallInteger(recursive, "num_recursion", 0);
    config.kv = readKv(side.object("kv_sharing"));
    config.family = router ? Family::MorLlama : Family::RecursiveLlama;
    if (router) {
        config.mor = readMor(side, config.recursion.count);
    }
}

/// A depth that does not divide into recursions loses layers (routing.md 2.3).
void applyDropRule(ModelConfig& config, std::vector<std::string>& notes) {
    const int count = config.recursion.count;
    if (!config.sharesLayers() || count < 1 || config.layers > 1024 ||
        config.layers - config.unsharedLayers() < count) {
        return; // left to checkConfig, which names the field
    }
    const auto kept = static_cast<std::int64_t>(
        models::keptLayers(config.recursion.sharing, count, config.layers).size());
    if (kept != config.layers) {
        notes.push_back("num_hidden_layers " + std::to_string(config.layers) +
                        " does not divide into " + std::to_string(count) +
                        " recursions: " + std::to_string(kept) + " layers are kept");
        config.layers = kept;
    }
}

/// The keys of MORE's own configuration (routing.md 1.1).
ModelConfig readMore(const JsonFile& file, Family family) {
    ModelConfig config;
    config.family = family;
    config.vocabulary = file.integer("vocab_size");
    config.width = file.integer("n_embd");
    config.heads = file.integer("n_head");
    config.kvHeads = file.integer("n_kv_head", config.heads);
    config.layers = file.integer("n_layer");
    config.context = file.integer("block_size");
    config.ffn = file.integer("intermediate_size");
    config.ropeTheta = file.number("rope_theta", config.ropeTheta);
    config.normEpsilon = 1e-6;
    if (config.heads <= 0 || config.width % config.heads != 0) {
        file.reject("n_embd", "is no multiple of n_head",
                    "The configuration is damaged; get it again from where the weights came from.");
    }
    config.headDim = config.width / config.heads;
    if (file.boolean("bias", false)) {
        file.reject("bias", "is true, and MORE layers with biases are not known",
                    "Choose a model without biases.");
    }
    if (family == Family::More) {
        config.more.experts = smallInteger(file, "num_experts", config.more.experts);
        config.more.perToken = smallInteger(file, "top_k", config.more.perToken);
        config.recursion.count = smallInteger(file, "n_recursions", 3);
    }
    return config;
}

/// eos_token_id: an id or a list of them. Ids that no token has end nothing.
std::vector<std::int64_t> endsOfText(const JsonFile& file) {
    if (!file.has("eos_token_id")) {
        return {};
    }
    const nlohmann::json& value = file.raw()["eos_token_id"];
    const nlohmann::json list = value.is_array() ? value : nlohmann::json::array({value});
    std::vector<std::int64_t> tokens;
    for (const nlohmann::json& token : list) {
        if (!token.is_number_integer()) {
            file.reject("eos_token_id", "must be a whole number or a list of whole numbers",
                        "Write the ids of the tokens that end a text, or null.");
        }
        if (const auto id = token.get<std::int64_t>(); id >= 0) {
            tokens.push_back(id);
        }
    }
    return tokens;
}

/// As transformers' generate does it: a generation_config.json counts alone, even where it names no
/// end; one that cannot be read is as if it were not there.
void readEndsOfText(const std::filesystem::path& folder,
                    const JsonFile& file,
                    ModelConfig& config,
                    std::vector<std::string>& notes) {
    const std::filesystem::path generation = folder / "generation_config.json";
    std::error_code ignored;
    if (std::filesystem::exists(generation, ignored)) {
        try {
            config.eosTokens = endsOfText(JsonFile(generation));
            return;
        } catch (const Error& error) {
            notes.push_back(
                "generation_config.json cannot be read, so config.json says which tokens "
                "end a text: " +
                error.message());
        }
    }
    config.eosTokens = endsOfText(file);
}

ModelConfig readFamily(const JsonFile& file,
                       const std::filesystem::path& folder,
                       std::vector<std::string>& notes) {
    const std::string type = file.text("model_type", "llama");
    for (const Family family : {Family::More, Family::MoreBaseline}) {
        if (type == models::toString(family)) {
            ModelConfig config = readMore(file, family);
            models::checkConfig(config, file.where(), file.where());
            return config;
        }
    }
    if (type != "llama" && type != "mor_llama" && type != "recursive_llama") {
        file.reject("model_type", "is \"" + type + "\"",
                    "Models of type llama, mor_llama, recursive_llama, more and more_baseline can "
                    "be opened.");
    }
    ModelConfig config = readLlama(file);
    const std::filesystem::path side = folder / "mor_config.json";
    if (std::filesystem::exists(side)) {
        readSideCar(file, JsonFile(side), config);
    } else if (type != "llama") {
        file.reject("model_type", "is " + type + ", but mor_config.json is missing",
                    "Put the mor_config.json that belongs to the weights into the folder.");
    }
    if (type == "llama" && config.sharesLayers()) {
        notes.emplace_back(config.hasRouter() ? "config.json says llama; mor_config.json beside it "
                                                "says Mixture-of-Recursions"
                                              : "config.json says llama; mor_config.json beside it "
                                                "says that layers recur");
    }
    applyDropRule(config, notes);
    models::checkConfig(config, file.where(), side.string());
    return config;
}

} // namespace

ModelConfig readConfig(const std::filesystem::path& folder, std::vector<std::string>& notes) {
    const JsonFile file(folder / "config.json");
    ModelConfig config = readFamily(file, folder, notes);
    readEndsOfText(folder, file, config, notes);
    return config;
}

} // namespace depthscope::io
