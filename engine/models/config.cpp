// SPDX-License-Identifier: MIT
#include "engine/models/config.h"

#include "engine/base/error.h"

namespace depthscope::models {

std::int64_t ModelConfig::unsharedLayers() const {
    if (!hasRecursion()) {
        return layers;
    }
    return mor.sharing == Sharing::MiddleCycle ? 2 : 0;
}

std::int64_t ModelConfig::blockLayers() const {
    return hasRecursion() ? (layers - unsharedLayers()) / mor.recursions : 0;
}

std::int64_t sharedSlot(const ModelConfig& config, std::int64_t layer) {
    if (!config.hasRecursion()) {
        return layer;
    }
    const std::int64_t block = config.blockLayers();
    if (config.mor.sharing == Sharing::Cycle) {
        return layer % block;
    }
    if (layer == 0) {
        return 0;
    }
    return layer == config.layers - 1 ? block + 1 : 1 + (layer - 1) % block;
}

const char* toString(RouterFunction function) {
    switch (function) {
    case RouterFunction::Sigmoid:
        return "sigmoid";
    case RouterFunction::Tanh:
        return "tanh";
    case RouterFunction::Identity:
        return "identity";
    case RouterFunction::Softmax:
        break;
    }
    return "softmax";
}

namespace {

/// Bounds that no real model reaches: they stop absurd files before memory is asked for.
constexpr std::int64_t kMaxVocabulary = 4'000'000;
constexpr std::int64_t kMaxWidth = 65'536;
constexpr std::int64_t kMaxFfn = 1'048'576;
constexpr std::int64_t kMaxLayers = 1'024;
constexpr std::int64_t kMaxHeads = 1'024;
constexpr std::int64_t kMaxContext = 16'777'216;
constexpr std::int64_t kMaxRecursions = 64;

void require(bool good, const std::string& file, const std::string& what, const std::string& hint) {
    if (!good) {
        throw Error(ErrorCode::BadInput, file + ": " + what, hint);
    }
}

void checkRange(std::int64_t value,
                std::int64_t largest,
                const std::string& file,
                const char* field) {
    require(
        value >= 1 && value <= largest, file,
        std::string(field) + " is " + std::to_string(value) + ", outside 1.." +
            std::to_string(largest),
        "The file is damaged or of another kind; get it again from where the weights came from.");
}

void checkMor(const ModelConfig& config, const std::string& file) {
    const MorConfig& mor = config.mor;
    require(mor.recursions >= 1 && mor.recursions <= kMaxRecursions, file,
            "num_recursion is " + std::to_string(mor.recursions) + ", outside 1..64",
            "Mixture-of-Recursions models have 2 to 4 recursions.");
    const std::int64_t repeated = config.layers - config.unsharedLayers();
    require(repeated > 0 && repeated % mor.recursions == 0, file,
            "num_hidden_layers is " + std::to_string(config.layers) +
                ", which does not divide into " + std::to_string(mor.recursions) + " recursions",
            "num_hidden_layers counts unrolled layers: recursions times block layers, plus 2 with "
            "middle_cycle.");
    if (mor.type == RouterType::Expert) {
        require(static_cast<int>(mor.capacity.size()) == mor.recursions, file,
                "capacity has " + std::to_string(mor.capacity.size()) + " entries for " +
                    std::to_string(mor.recursions) + " recursions",
                "Give one capacity for each recursion, for example 1.0,0.66,0.33.");
        settings::checkCapacity(mor.capacity);
        require(mor.function != RouterFunction::Softmax, file,
                "router_func is softmax for an expert router",
                "Expert-choice routers use sigmoid, tanh or identity.");
    } else {
        require(mor.function == RouterFunction::Softmax || mor.function == RouterFunction::Sigmoid,
                file,
                std::string("router_func is ") + toString(mor.function) + " for a token router",
                "Token-choice routers use softmax or sigmoid.");
    }
    require(mor.temperature > 0 && mor.temperature < 1e6, file, "temp is not a positive number",
            "The router temperature of all shipped models is 1.0.");
    require(mor.alpha >= 0 && mor.alpha < 1e6, file, "alpha is negative or absurd",
            "Shipped models use 0.1 (sigmoid) or 1.0 (softmax).");
}

} // namespace

void checkConfig(const ModelConfig& config, const std::string& file) {
    checkRange(config.vocabulary, kMaxVocabulary, file, "vocab_size");
    checkRange(config.width, kMaxWidth, file, "hidden_size");
    checkRange(config.ffn, kMaxFfn, file, "intermediate_size");
    checkRange(config.layers, kMaxLayers, file, "num_hidden_layers");
    checkRange(config.heads, kMaxHeads, file, "num_attention_heads");
    checkRange(config.kvHeads, kMaxHeads, file, "num_key_value_heads");
    checkRange(config.headDim, kMaxWidth, file, "head_dim");
    checkRange(config.context, kMaxContext, file, "max_position_embeddings");
    require(config.heads % config.kvHeads == 0, file,
            "num_attention_heads " + std::to_string(config.heads) +
                " is no multiple of num_key_value_heads " + std::to_string(config.kvHeads),
            "Grouped-query attention shares each key head among equally many query heads.");
    require(config.headDim % 2 == 0, file, "head_dim is odd",
            "Rotary positions need an even head_dim.");
    require(config.normEpsilon > 0 && config.normEpsilon < 1, file, "rms_norm_eps is not in 0..1",
            "Llama models use 1e-5 or 1e-6.");
    require(config.ropeTheta > 1 && config.ropeTheta < 1e12, file, "rope_theta is absurd",
            "Llama models use 10000 to 1000000.");
    if (config.hasRecursion()) {
        checkMor(config, file);
    }
}

} // namespace depthscope::models
