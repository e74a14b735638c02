// SPDX-License-Identifier: MIT
#include "engine/spec/config_file.h"
#include "engine/spec/huginn_config.h"
#include "engine/spec/model_fields.h"

#include <nlohmann/json.hpp>

namespace depthscope::spec {

using nlohmann::json;

namespace {

/// Every field that stands in this file, at its place.
void writeFields(const LanguageSpec& spec, bool inSideCar, json& root) {
    for (const ModelField& field : modelFields()) {
        const char* place = field.placeIn(spec);
        if (place == nullptr || !field.stands(spec) || (*place == '/') != inSideCar) {
            continue;
        }
        std::string path = inSideCar ? place : std::string("/") + place;
        if (const std::size_t star = path.find('*'); star != std::string::npos) {
            path.replace(star, 1, toString(spec.mor.type));
        }
        root[json::json_pointer(path)] = field.toJson(spec);
    }
}

json ropeScalingJson(const RopeScaling& scaling) {
    switch (scaling.kind) {
    case RopeScaling::Kind::Linear:
        return {{"rope_type", "linear"}, {"factor", scaling.factor}};
    case RopeScaling::Kind::Llama3:
        return {{"rope_type", "llama3"},
                {"factor", scaling.factor},
                {"low_freq_factor", scaling.lowFactor},
                {"high_freq_factor", scaling.highFactor},
                {"original_max_position_embeddings", scaling.trainedContext}};
    case RopeScaling::Kind::None:
        break;
    }
    return nullptr;
}

const char* architectureOf(const LanguageSpec& config) {
    return config.refinesState()   ? "RavenForCausalLM"
           : config.hasExitGate()  ? "OuroForCausalLM"
           : config.hasRouter()    ? "MoRLlamaForCausalLM"
           : config.sharesLayers() ? "RecursiveLlamaForCausalLM"
                                   : "LlamaForCausalLM";
}

/// One id, a list of them, or null.
json endOfText(const std::vector<std::int64_t>& tokens) {
    if (tokens.size() == 1) {
        return tokens.front();
    }
    return tokens.empty() ? json(nullptr) : json(tokens);
}

} // namespace

std::string configJson(const LanguageSpec& spec, const std::string& dtype) {
    json root{{"model_type", toString(spec.family)}};
    if (spec.isMoreFamily()) {
        root["dropout"] = 0.0;
        root["bias"] = false;
    } else if (spec.refinesState()) {
        root["architectures"] = {architectureOf(spec)};
        writeMathematics(root);
    } else {
        root["architectures"] = {architectureOf(spec)};
        root["rope_scaling"] = ropeScalingJson(spec.ropeScaling);
        root["hidden_act"] = "silu";
    }
    writeFields(spec, false, root);
    root["eos_token_id"] = endOfText(spec.eosTokens);
    root["torch_dtype"] = dtype;
    return root.dump(1) + "\n";
}

std::string morConfigJson(const LanguageSpec& spec) {
    json root{{"mor", {{"enable", spec.hasRouter()}}},
              {"recursive", {{"enable", true}, {"ln_share", true}}}};
    writeFields(spec, true, root);
    return root.dump(1) + "\n";
}

} // namespace depthscope::spec
