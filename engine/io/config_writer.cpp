// SPDX-License-Identifier: MIT
#include "engine/io/config_reader.h"

#include <nlohmann/json.hpp>

namespace depthscope::io {

using models::Family;
using models::ModelConfig;
using models::MorConfig;
using models::RouterType;
using nlohmann::json;

namespace {

json moreJson(const ModelConfig& config) {
    json root{{"model_type", models::toString(config.family)},
              {"vocab_size", config.vocabulary},
              {"n_embd", config.width},
              {"n_head", config.heads},
              {"n_kv_head", config.kvHeads},
              {"n_layer", config.layers},
              {"block_size", config.context},
              {"intermediate_size", config.ffn},
              {"dropout", 0.0},
              {"bias", false},
              {"rope_theta", config.ropeTheta}};
    if (config.family == Family::More) {
        root["num_experts"] = config.more.experts;
        root["top_k"] = config.more.perToken;
        root["n_recursions"] = config.recursion.count;
    }
    return root;
}

json ropeScalingJson(const nn::RopeScaling& scaling) {
    switch (scaling.kind) {
    case nn::RopeScaling::Kind::Linear:
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    case nn::RopeScaling::Kind::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", scaling.factor},
                {"low_freq_factor", scaling.lowFactor},
                {"high_freq_factor", scaling.highFactor},
                {"original_max_position_embeddings", scaling.trainedContext}};
    case nn::RopeScaling::Kind::None:
        break;
    }
    return nullptr;
}

const char* architectureOf(const ModelConfig& config) {
    return config.hasRouter()      ? "MoRLlamaForCausalLM"
           : config.sharesLayers() ? "RecursiveLlamaForCausalLM"
                                   : "LlamaForCausalLM";
}

json routerJson(const MorConfig& mor) {
    json part{{"router_func", models::toString(mor.function)},
              {"alpha", mor.alpha},
              {"gating", mor.weightedGating ? "weighted" : "additive"}};
    json root{{"enable", true},
              {"type", models::toString(mor.type)},
              {"router_type", models::toString(mor.net)},
              {"wide_factor", mor.wideFactor},
              {"rand_router", mor.randomRouter},
              {"temp", mor.temperature},
              {"z_loss", mor.zLoss},
              {"z_coeff", mor.zCoefficient}};
    if (mor.type == RouterType::Expert) {
        part["sampling"] = models::toString(mor.sampling);
        part["coeff"] = mor.auxCoefficient;
        part["cap_warmup_step"] = mor.capacityWarmup;
        root["capacity"] = settings::toString(mor.capacity);
        root["expert"] = std::move(part);
    } else {
        part["balancing"] = models::toString(mor.balancing);
        part["coeff"] = mor.balanceCoefficient;
        part["u"] = mor.balanceRate;
        part["bal_warmup_step"] = mor.balanceWarmup;
        root["token"] = std::move(part);
    }
    return root;
}

/// One id, a list of them, or null.
json endOfText(const std::vector<std::int64_t>& tokens) {
    if (tokens.size() == 1) {
        return tokens.front();
    }
    return tokens.empty() ? json(nullptr) : json(tokens);
}

} // namespace

std::string configJson(const ModelConfig& config, const std::string& dtype) {
    json root;
    if (config.isMoreFamily()) {
        root = moreJson(config);
    } else {
        root = {{"architectures", {architectureOf(config)}},
                {"model_type", models::toString(config.family)},
                {"vocab_size", config.vocabulary},
                {"hidden_size", config.width},
                {"intermediate_size", config.ffn},
                {"num_hidden_layers", config.layers},
                {"num_attention_heads", config.heads},
                {"num_key_value_heads", config.kvHeads},
                {"head_dim", config.headDim},
                {"max_position_embeddings", config.context},
                {"rope_theta", config.ropeTheta},
                {"rope_scaling", ropeScalingJson(config.ropeScaling)},
                {"rms_norm_eps", config.normEpsilon},
                {"tie_word_embeddings", config.tiedHead},
                {"hidden_act", "silu"},
                {"attention_bias", config.attentionBias},
                {"mlp_bias", config.mlpBias}};
    }
    root["eos_token_id"] = endOfText(config.eosTokens);
    root["torch_dtype"] = dtype;
    return root.dump(1) + "\n";
}

std::string morConfigJson(const ModelConfig& config) {
    const char* sharing = models::toString(config.recursion.sharing);
    json root;
    if (config.hasRouter()) {
        root["mor"] = routerJson(config.mor);
    } else {
        root["mor"] = {{"enable", false}};
    }
    root["recursive"] = {{"enable", true},
                         {"num_recursion", config.recursion.count},
                         {"sharing", sharing},
                         {"ln_share", true}};
    root["kv_sharing"] = {{"enable", config.kv != settings::KvPolicy::Recursion},
                          {"update_cache", config.kv == settings::KvPolicy::Hybrid},
                          {"num_recursion", config.recursion.count},
                          {"sharing", sharing}};
    return root.dump(1) + "\n";
}

} // namespace depthscope::io
