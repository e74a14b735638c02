// SPDX-License-Identifier: MIT
#include "engine/models/weights.h"

#include "engine/models/weights_more.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

namespace depthscope::models {

namespace {

using Visitor = std::function<void(const WeightSlot&, at::Tensor&)>;

constexpr const char* kSharedBlock = "shared block";

std::vector<std::int64_t> shapeOf(const ModelConfig& c, std::string suffix) {
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

void visitLayer(const ModelConfig& config,
                nn::LayerWeights& layer,
                const LayerPlace& place,
                const Visitor& visitor) {
    nn::LayerWeights::visit(layer, [&](const std::string& suffix, at::Tensor& tensor) {
        if (suffix.ends_with(".bias") &&
            !(suffix.starts_with("mlp.") ? config.mlpBias : config.attentionBias)) {
            return;
        }
        const std::string shared = place.sharedWith.empty() ? "" : place.sharedWith + suffix;
        visitor({place.prefix + suffix, shapeOf(config, suffix), shared, place.part, false},
                tensor);
    });
}

void visitRouter(const ModelConfig& config,
                 std::vector<at::Tensor>& router,
                 const std::string& key,
                 const Visitor& visitor) {
    const std::int64_t out = config.mor.type == RouterType::Expert ? 1 : config.recursion.count;
    const std::int64_t hidden = routerHidden(config);
    if (hidden == 0) {
        visitor({key + ".weight", {out, config.width}, "", "routers", false}, router[0]);
    } else {
        visitor({key + ".0.weight", {hidden, config.width}, "", "routers", false}, router[0]);
        visitor({key + ".2.weight", {out, hidden}, "", "routers", false}, router[1]);
    }
}

/// Prefix of block layer j at recursion r. Expert models number recursions as layers (trap of
/// 3.10); the recursive baseline repeats its unrolled layers.
std::string blockPrefix(const ModelConfig& config, int r, std::int64_t j) {
    const std::int64_t first = config.leadingLayers();
    if (!config.hasRouter()) {
        return "model.layers." + std::to_string(config.unrolledLayer(r, j)) + ".";
    }
    if (config.mor.type == RouterType::Expert) {
        return "model.layers." + std::to_string(first + r) + ".block." + std::to_string(j) + ".";
    }
    return "model.layers." + std::to_string(first) + ".block_list." + std::to_string(r) + "." +
           std::to_string(j) + ".";
}

void visitExpertRouters(const ModelConfig& config,
                        Weights& weights,
                        std::size_t r,
                        const Visitor& visitor) {
    const std::string prefix =
        "model.layers." + std::to_string(config.leadingLayers() + static_cast<std::int64_t>(r));
    visitRouter(config, weights.routers[r], prefix + ".mor_router.router", visitor);
    if (!weights.auxRouters.empty()) {
        visitRouter(config, weights.auxRouters[r], prefix + ".mlp_router.router", visitor);
    }
}

void visitTokenRouter(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
    const std::string prefix = "model.layers." + std::to_string(config.leadingLayers()) + ".";
    visitRouter(config, weights.routers[0], prefix + "mor_router.router", visitor);
    visitor({prefix + "router_bias", {config.recursion.count}, "", "routers", true},
            weights.routerBias);
}

void visitRecursions(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
    for (int r = 0; r < config.recursion.count; ++r) {
        for (std::int64_t j = 0; j < config.blockLayers(); ++j) {
            nn::LayerWeights& layer =
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
std::int64_t lastLayerKey(const ModelConfig& config) {
    if (!config.hasRouter()) {
        return config.layers - 1;
    }
    return config.mor.type == RouterType::Expert ? config.recursion.count + 1 : 2;
}

void visitLlama(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
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
    for (nn::LayerWeights& layer : weights.after) {
        visitLayer(config, layer,
                   {"model.layers." + std::to_string(lastLayerKey(config)) + ".", "", "last layer"},
                   visitor);
    }
    visitor({"model.norm.weight", {config.width}, "", "final norm", false}, weights.norm);
    const std::string tied = config.tiedHead ? "model.embed_tokens.weight" : "";
    visitor({"lm_head.weight", table, tied, "head", false}, weights.head);
}

} // namespace

std::int64_t routerHidden(const ModelConfig& config) {
    switch (config.mor.net) {
    case RouterNet::Linear:
        return 0;
    case RouterNet::Mlp:
        return 2 * config.width;
    case RouterNet::WideMlp:
        break;
    }
    return config.mor.wideFactor * config.width;
}

Weights emptyWeights(const ModelConfig& config) {
    Weights weights;
    const auto layers = static_cast<std::size_t>(config.layers);
    if (config.family == Family::More) {
        weights.fractal.resize(layers);
        for (MoreBlock& block : weights.fractal) {
            block.experts.resize(static_cast<std::size_t>(config.more.experts));
        }
        return weights;
    }
    if (!config.sharesLayers()) {
        weights.before.resize(layers);
        return weights;
    }
    const auto recursions = static_cast<std::size_t>(config.recursion.count);
    weights.before.resize(static_cast<std::size_t>(config.leadingLayers()));
    weights.after.resize(static_cast<std::size_t>(config.leadingLayers()));
    weights.block.assign(
        recursions, std::vector<nn::LayerWeights>(static_cast<std::size_t>(config.blockLayers())));
    if (config.hasRouter()) {
        const bool expert = config.mor.type == RouterType::Expert;
        const std::size_t matrices = routerHidden(config) == 0 ? 1 : 2;
        weights.routers.assign(expert ? recursions : 1, std::vector<at::Tensor>(matrices));
        if (expert && config.mor.sampling == Sampling::AuxRouter) {
            weights.auxRouters = weights.routers;
        }
    }
    return weights;
}

void visitWeights(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
    if (config.isMoreFamily()) {
        visitMore(config, weights, visitor);
    } else {
        visitLlama(config, weights, visitor);
    }
}

Weights randomWeights(const ModelConfig& config, std::uint64_t seed) {
    constexpr double kSpread = 0.02;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    Weights weights = emptyWeights(config);
    std::map<std::string, at::Tensor> made;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (slot.optional) {
            return;
        }
        if (!slot.sharedWith.empty()) {
            tensor = made.at(slot.sharedWith);
        } else if (slot.shape.size() == 1) {
            tensor = slot.key.ends_with(".bias") ? at::zeros(slot.shape) : at::ones(slot.shape);
        } else {
            tensor = at::empty(slot.shape).normal_(0.0, kSpread, generator);
        }
        made[slot.key] = tensor;
    });
    return weights;
}

std::vector<DistinctWeight> distinctWeights(const ModelConfig& config, Weights& weights) {
    std::vector<DistinctWeight> distinct;
    std::set<const void*> seen;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (tensor.defined() && seen.insert(tensor.const_data_ptr()).second) {
            distinct.push_back({slot.key, tensor});
        }
    });
    return distinct;
}

void convertWeights(const ModelConfig& config,
                    Weights& weights,
                    at::Device device,
                    at::ScalarType dtype) {
    std::map<const void*, at::Tensor> converted;
    visitWeights(config, weights, [&](const WeightSlot&, at::Tensor& tensor) {
        if (tensor.defined()) {
            at::Tensor& target = converted[tensor.const_data_ptr()];
            target = target.defined() ? target : tensor.to(device, dtype);
            tensor = target;
        }
    });
}

namespace {

void countPart(std::vector<trace::ParameterPart>& parts,
               const ModelConfig& config,
               const std::string& name,
               std::int64_t count) {
    const auto found = std::find_if(parts.begin(), parts.end(),
                                    [&](const auto& part) { return part.name == name; });
    if (found != parts.end()) {
        found->count += count;
        return;
    }
    const bool shared = name == kSharedBlock;
    parts.push_back(
        {name, count, shared ? "recursions 1-" + std::to_string(config.recursion.count) : ""});
}

} // namespace

std::vector<trace::ParameterPart> countParameters(const ModelConfig& config, Weights& weights) {
    std::vector<trace::ParameterPart> parts;
    std::set<const void*> seen;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (tensor.defined() && !slot.optional && seen.insert(tensor.const_data_ptr()).second) {
            countPart(parts, config, slot.part, tensor.numel());
        }
    });
    return parts;
}

std::vector<trace::ParameterPart> plannedParameters(const ModelConfig& config) {
    std::vector<trace::ParameterPart> parts;
    Weights none = emptyWeights(config);
    visitWeights(config, none, [&](const WeightSlot& slot, at::Tensor&) {
        if (slot.sharedWith.empty() && !slot.optional) {
            countPart(parts, config, slot.part,
                      std::accumulate(slot.shape.begin(), slot.shape.end(), std::int64_t{1},
                                      std::multiplies<>()));
        }
    });
    return parts;
}

} // namespace depthscope::models
