// SPDX-License-Identifier: MIT
#include "engine/io/config_reader.h"

#include "engine/io/json_file.h"

#include <array>

namespace depthscope::io {

using models::Family;
using models::ModelConfig;
using models::MorConfig;
using models::RouterFunction;
using models::RouterNet;
using models::RouterType;
using models::Sharing;
using nlohmann::json;

namespace {

constexpr std::array<std::pair<const char*, RouterFunction>, 4> kFunctions{{
    {"sigmoid", RouterFunction::Sigmoid},
    {"tanh", RouterFunction::Tanh},
    {"identity", RouterFunction::Identity},
    {"softmax", RouterFunction::Softmax},
}};

double ropeTheta(const JsonFile& file) {
    const JsonFile parameters = file.object("rope_parameters");
    const JsonFile scaling = file.object("rope_scaling");
    for (const JsonFile* source : {&parameters, &scaling}) {
        const std::string type = source->text("rope_type", source->text("type", "default"));
        if (type != "default") {
            source->reject("rope_type", "is \"" + type + "\", which this version does not know",
                           "Models with unscaled rotary positions (\"default\") can be opened.");
        }
    }
    constexpr double kLlamaTheta = 10000.0;
    return parameters.number("rope_theta", file.number("rope_theta", kLlamaTheta));
}

void rejectUnsupported(const JsonFile& file) {
    for (const char* field : {"attention_bias", "mlp_bias"}) {
        if (file.boolean(field, false)) {
            file.reject(field, "is true, and layers with biases are not known to this version",
                        "Choose a Llama model without biases.");
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
    if (!file.has("head_dim") && (config.heads <= 0 || config.width % config.heads != 0)) {
        file.reject(
            "hidden_size", "is no multiple of num_attention_heads, and head_dim is missing",
            "The configuration is incomplete; get it again from where the weights came from.");
    }
    config.headDim = file.has("head_dim") ? file.integer("head_dim") : config.width / config.heads;
    constexpr std::int64_t kDefaultContext = 2048;
    config.context = file.integer("max_position_embeddings", kDefaultContext);
    config.ropeTheta = ropeTheta(file);
    config.normEpsilon = file.number("rms_norm_eps", config.normEpsilon);
    config.tiedHead = file.boolean("tie_word_embeddings", false);
    if (file.has("eos_token_id") && file.raw()["eos_token_id"].is_number_integer()) {
        config.eosToken = file.integer("eos_token_id");
    }
    return config;
}

std::vector<Fraction> readCapacity(const JsonFile& mor, int recursions) {
    if (mor.has("capacity") && mor.raw()["capacity"].is_string()) {
        return settings::parseCapacity(mor.text("capacity", ""));
    }
    std::vector<Fraction> capacity;
    if (mor.has("capacity")) {
        if (!mor.raw()["capacity"].is_array()) {
            mor.reject("capacity", "is neither a text nor a list",
                       "Write for example \"1.0,0.66,0.33\".");
        }
        for (const json& entry : mor.raw()["capacity"]) {
            capacity.push_back(parseFraction(
                entry.is_string() ? entry.get<std::string>() : entry.dump(), "capacity"));
        }
        return capacity;
    }
    for (int r = 0; r < recursions; ++r) {
        capacity.push_back({recursions - r, recursions});
    }
    return capacity;
}

RouterFunction readFunction(const JsonFile& part) {
    const std::string name = part.text("router_func", "sigmoid");
    for (const auto& [known, function] : kFunctions) {
        if (name == known) {
            return function;
        }
    }
    part.reject("router_func", "is \"" + name + "\"",
                "It is one of sigmoid, tanh, identity, softmax.");
}

void rejectUnsupportedMor(const JsonFile& mor, const JsonFile& recursive, const JsonFile& sharing) {
    if (sharing.boolean("enable", false)) {
        sharing.reject("enable", "is true: the model was trained with recursive KV sharing",
                       "This version runs models with recursion-wise KV caching.");
    }
    if (mor.boolean("rand_router", false)) {
        mor.reject("rand_router", "is true: the model was trained with a random router",
                   "Choose a model with a learned router.");
    }
    const std::string kind = recursive.text("sharing", "middle_cycle");
    if (kind != "cycle" && kind != "middle_cycle") {
        recursive.reject("sharing", "is \"" + kind + "\"",
                         "MoR models share by cycle or middle_cycle.");
    }
}

MorConfig readMor(const JsonFile& side) {
    const JsonFile mor = side.object("mor");
    const JsonFile recursive = side.object("recursive");
    rejectUnsupportedMor(mor, recursive, side.object("kv_sharing"));
    MorConfig config;
    const std::string type = mor.text("type", "expert");
    if (type != "expert" && type != "token") {
        mor.reject("type", "is \"" + type + "\"", "It is expert or token.");
    }
    config.type = type == "expert" ? RouterType::Expert : RouterType::Token;
    const std::string net = mor.text("router_type", "linear");
    if (net != "linear" && net != "mlp" && net != "wide_mlp") {
        mor.reject("router_type", "is \"" + net + "\"", "It is linear, mlp or wide_mlp.");
    }
    config.net = net == "linear" ? RouterNet::Linear : RouterNet::Mlp;
    config.recursions = static_cast<int>(
        std::clamp<std::int64_t>(recursive.integer("num_recursion"), -1, 1'000'000));
    config.sharing = recursive.text("sharing", "middle_cycle") == "cycle" ? Sharing::Cycle
                                                                          : Sharing::MiddleCycle;
    const JsonFile part = mor.object(type.c_str());
    config.function = readFunction(part);
    config.alpha = part.number("alpha", config.alpha);
    config.weightedGating = part.text("gating", "weighted") == "weighted";
    config.temperature = mor.number("temp", 1.0);
    config.zLoss = mor.boolean("z_loss", false);
    config.zCoefficient = mor.number("z_coeff", config.zCoefficient);
    if (config.type == RouterType::Expert) {
        config.capacity = readCapacity(mor, std::clamp(config.recursions, 0, 64));
        config.auxCoefficient = part.number("coeff", config.auxCoefficient);
    } else {
        config.balanceCoefficient = part.number("coeff", config.balanceCoefficient);
    }
    return config;
}

} // namespace

ModelConfig readConfig(const std::filesystem::path& folder, std::vector<std::string>& notes) {
    const JsonFile file(folder / "config.json");
    const std::string type = file.text("model_type", "llama");
    if (type != "llama" && type != "mor_llama") {
        file.reject("model_type", "is \"" + type + "\"",
                    "This version opens llama and mor_llama models.");
    }
    ModelConfig config = readLlama(file);
    const std::filesystem::path side = folder / "mor_config.json";
    if (std::filesystem::exists(side)) {
        const JsonFile sideCar(side);
        if (sideCar.object("mor").boolean("enable", true)) {
            config.family = Family::MorLlama;
            config.mor = readMor(sideCar);
        }
    } else if (type == "mor_llama") {
        file.reject("model_type", "is mor_llama, but mor_config.json is missing",
                    "Put the mor_config.json that belongs to the weights into the folder.");
    }
    if (type == "llama" && config.hasRecursion()) {
        notes.emplace_back(
            "config.json says llama; mor_config.json beside it says Mixture-of-Recursions");
    }
    models::checkConfig(config, config.hasRecursion() ? side.string() : file.where());
    return config;
}

std::string configJson(const ModelConfig& config, const std::string& dtype) {
    const json root{
        {"architectures", {config.hasRecursion() ? "MoRLlamaForCausalLM" : "LlamaForCausalLM"}},
        {"model_type", config.hasRecursion() ? "mor_llama" : "llama"},
        {"vocab_size", config.vocabulary},
        {"hidden_size", config.width},
        {"intermediate_size", config.ffn},
        {"num_hidden_layers", config.layers},
        {"num_attention_heads", config.heads},
        {"num_key_value_heads", config.kvHeads},
        {"head_dim", config.headDim},
        {"max_position_embeddings", config.context},
        {"rope_theta", config.ropeTheta},
        {"rms_norm_eps", config.normEpsilon},
        {"tie_word_embeddings", config.tiedHead},
        {"hidden_act", "silu"},
        {"attention_bias", false},
        {"mlp_bias", false},
        {"eos_token_id", config.eosToken >= 0 ? json(config.eosToken) : json(nullptr)},
        {"torch_dtype", dtype}};
    return root.dump(1) + "\n";
}

std::string morConfigJson(const ModelConfig& config) {
    const MorConfig& mor = config.mor;
    const json part{
        {"router_func", models::toString(mor.function)},
        {"alpha", mor.alpha},
        {"coeff", mor.type == RouterType::Expert ? mor.auxCoefficient : mor.balanceCoefficient},
        {"gating", mor.weightedGating ? "weighted" : "additive"}};
    json root;
    root["mor"] = {{"enable", true},
                   {"type", mor.type == RouterType::Expert ? "expert" : "token"},
                   {"router_type", mor.net == RouterNet::Linear ? "linear" : "mlp"},
                   {"rand_router", false},
                   {"temp", mor.temperature},
                   {"z_loss", mor.zLoss},
                   {"z_coeff", mor.zCoefficient},
                   {mor.type == RouterType::Expert ? "expert" : "token", part}};
    if (mor.type == RouterType::Expert) {
        root["mor"]["capacity"] = settings::toString(mor.capacity);
    }
    const char* sharing = mor.sharing == Sharing::Cycle ? "cycle" : "middle_cycle";
    root["recursive"] = {{"enable", true},
                         {"num_recursion", mor.recursions},
                         {"sharing", sharing},
                         {"ln_share", true}};
    root["kv_sharing"] = {
        {"enable", false}, {"num_recursion", mor.recursions}, {"sharing", sharing}};
    return root.dump(1) + "\n";
}

} // namespace depthscope::io
