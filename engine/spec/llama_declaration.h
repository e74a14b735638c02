// SPDX-License-Identifier: MIT
// The tensors of a Llama, a recursive Llama and a MoR Llama; part of weight_declaration.h. Keys are
// those of the official checkpoints (docs/routing.md 3.10).
#pragma once

#include "engine/spec/language_weights.h"

#include <map>
#include <string>
#include <vector>

namespace depthscope::spec {

namespace declaration {

inline constexpr const char* kSharedBlock = "shared block";

inline std::vector<std::int64_t> shapeOf(const LanguageSpec& c, std::string suffix) {
    const bool isBias = suffix.ends_with(".bias");
    if (isBias) {
        suffix.replace(suffix.size() - 4, 4, "weight");
    }
    const std::int64_t queries = c.heads * c.headDim;
    const std::int64_t keys = c.kvHeads * c.headDim;
    static const std::map<std::string, int> kinds{
        {"self_attn.q_proj.weight", 0}, {"self_attn.k_proj.weight", 1},
        {"self_attn.v_proj.weight", 1}, {"self_attn.o_proj.weight", 2},
        {"mlp.gate_proj.weight", 3},    {"mlp.up_proj.weight", 3},
        {"mlp.down_proj.weight", 4}};
    const auto kind = kinds.find(suffix);
    if (kind == kinds.end()) {
        return {c.width};
    }
    const std::vector<std::vector<std::int64_t>> shapes{{queries, c.width},
                                                        {keys, c.width},
                                                        {c.width, queries},
                                                        {c.ffn, c.width},
                                                        {c.width, c.ffn}};
    const std::vector<std::int64_t>& shape = shapes[static_cast<std::size_t>(kind->second)];
    return isBias ? std::vector<std::int64_t>{shape[0]} : shape;
}

struct LayerPlace {
    std::string prefix;     ///< "model.layers.0."
    std::string sharedWith; ///< prefix of the recursion whose storage it shares, or ""
    std::string part;
};

template <class T>
void visitLayer(const LanguageSpec& config,
                LayerWeights<T>& layer,
                const LayerPlace& place,
                const WeightVisitor<T>& visitor) {
    LayerWeights<T>::visit(layer, [&](const std::string& suffix, T& tensor) {
        if (suffix.ends_with(".bias") &&
            !(suffix.starts_with("mlp.") ? config.mlpBias : config.attentionBias)) {
            return;
        }
        if ((suffix == kAttentionOutNorm || suffix == kFeedForwardOutNorm) && !config.isLooped()) {
            return;
        }
        const std::string shared = place.sharedWith.empty() ? "" : place.sharedWith + suffix;
        visitor({place.prefix + suffix, shapeOf(config, suffix), shared, place.part, false},
                tensor);
    });
}

template <class T>
void visitRouter(const LanguageSpec& config,
                 std::vector<T>& router,
                 const std::string& key,
                 const WeightVisitor<T>& visitor) {
    const std::int64_t out = config.mor.type == RouterType::Expert ? 1 : config.recursion.count;
    const std::int64_t hidden = routerHidden(config);
    if (hidden == 0) {
        visitor({key + ".weight", {out, config.width}, "", "routers", false}, router[0]);
    } else {
        visitor({key + ".0.weight", {hidden, config.width}, "", "routers", false}, router[0]);
        visitor({key + ".2.weight", {out, hidden}, "", "routers", false}, router[1]);
    }
}

/// Prefix of block layer j at recursion r. Expert models number recursions as layers
/// (docs/routing.md 3.10); the recursive baseline repeats its unrolled layers.
inline std::string blockPrefix(const LanguageSpec& config, int r, std::int64_t j) {
    const std::int64_t first = config.leadingLayers();
    if (config.isLooped()) {
        return "model.layers." + std::to_string(j) + "."; // the passes have no names of their own
    }
    if (!config.hasRouter()) {
        return "model.layers." + std::to_string(config.unrolledLayer(r, j)) + ".";
    }
    if (config.mor.type == RouterType::Expert) {
        return "model.layers." + std::to_string(first + r) + ".block." + std::to_string(j) + ".";
    }
    return "model.layers." + std::to_string(first) + ".block_list." + std::to_string(r) + "." +
           std::to_string(j) + ".";
}

template <class T>
void visitExpertRouters(const LanguageSpec& config,
                        LanguageWeights<T>& weights,
                        std::size_t r,
                        const WeightVisitor<T>& visitor) {
    const std::string prefix =
        "model.layers." + std::to_string(config.leadingLayers() + static_cast<std::int64_t>(r));
    visitRouter(config, weights.routers[r], prefix + ".mor_router.router", visitor);
    if (!weights.auxRouters.empty()) {
        visitRouter(config, weights.auxRouters[r], prefix + ".mlp_router.router", visitor);
    }
}

template <class T>
void visitTokenRouter(const LanguageSpec& config,
                      LanguageWeights<T>& weights,
                      const WeightVisitor<T>& visitor) {
    const std::string prefix = "model.layers." + std::to_string(config.leadingLayers()) + ".";
    visitRouter(config, weights.routers[0], prefix + "mor_router.router", visitor);
    visitor({prefix + "router_bias", {config.recursion.count}, "", "routers", true},
            weights.routerBias);
}

template <class T>
void visitRecursions(const LanguageSpec& config,
                     LanguageWeights<T>& weights,
                     const WeightVisitor<T>& visitor) {
    for (int r = 0; r < config.recursion.count; ++r) {
        for (std::int64_t j = 0; j < config.blockLayers(); ++j) {
            LayerWeights<T>& layer =
                weights.block[static_cast<std::size_t>(r)][static_cast<std::size_t>(j)];
            const std::string shared = r == 0 ? "" : blockPrefix(config, 0, j);
            visitLayer(config, layer, {blockPrefix(config, r, j), shared, kSharedBlock}, visitor);
        }
        if (config.hasRouter() && config.mor.type == RouterType::Expert) {
            visitExpertRouters(config, weights, static_cast<std::size_t>(r), visitor);
        }
    }
    if (config.hasRouter() && config.mor.type == RouterType::Token) {
        visitTokenRouter(config, weights, visitor);
    }
}

/// Index of the last layer in the keys.
inline std::int64_t lastLayerKey(const LanguageSpec& config) {
    if (!config.hasRouter()) {
        return config.layers - 1;
    }
    return config.mor.type == RouterType::Expert ? config.recursion.count + 1 : 2;
}

template <class T>
void visitLlama(const LanguageSpec& config,
                LanguageWeights<T>& weights,
                const WeightVisitor<T>& visitor) {
    const std::vector<std::int64_t> table{config.vocabulary, config.width};
    visitor({"model.embed_tokens.weight", table, "", "embedding", false}, weights.embedding);
    for (std::size_t i = 0; i < weights.before.size(); ++i) {
        const std::string part = config.sharesLayers() ? "first layer" : "layers";
        visitLayer(config, weights.before[i], {"model.layers." + std::to_string(i) + ".", "", part},
                   visitor);
    }
    if (config.sharesLayers()) {
        visitRecursions(config, weights, visitor);
    }
    for (LayerWeights<T>& layer : weights.after) {
        visitLayer(config, layer,
                   {"model.layers." + std::to_string(lastLayerKey(config)) + ".", "", "last layer"},
                   visitor);
    }
    visitor({"model.norm.weight", {config.width}, "", "final norm", false}, weights.norm);
    if (config.isLooped()) {
        visitor({"model.early_exit_gate.weight", {1, config.width}, "", "exit gate", false},
                weights.exitGate);
        visitor({"model.early_exit_gate.bias", {1}, "", "exit gate", false}, weights.exitBias);
    }
    const std::string tied = config.tiedHead ? "model.embed_tokens.weight" : "";
    visitor({"lm_head.weight", table, tied, "head", false}, weights.head);
}

} // namespace declaration

} // namespace depthscope::spec
