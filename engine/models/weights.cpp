// SPDX-License-Identifier: MIT
#include "engine/models/weights.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <map>
#include <set>

namespace depthscope::models {

namespace {

using Visitor = std::function<void(const WeightSlot&, at::Tensor&)>;

std::vector<std::int64_t> shapeOf(const ModelConfig& c, const std::string& suffix) {
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
    return shapes[static_cast<std::size_t>(kind->second)];
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
    nn::LayerWeights::visit(layer, [&](const char* suffix, at::Tensor& tensor) {
        const std::string shared = place.sharedWith.empty() ? "" : place.sharedWith + suffix;
        visitor({place.prefix + suffix, shapeOf(config, suffix), shared, place.part, false},
                tensor);
    });
}

void visitRouter(const ModelConfig& config,
                 std::vector<at::Tensor>& router,
                 const std::string& prefix,
                 const Visitor& visitor) {
    const std::int64_t out = config.mor.type == RouterType::Expert ? 1 : config.mor.recursions;
    const std::string key = prefix + "mor_router.router";
    if (config.mor.net == RouterNet::Linear) {
        visitor({key + ".weight", {out, config.width}, "", "routers", false}, router[0]);
    } else {
        visitor({key + ".0.weight", {2 * config.width, config.width}, "", "routers", false},
                router[0]);
        visitor({key + ".2.weight", {out, 2 * config.width}, "", "routers", false}, router[1]);
    }
}

/// Prefix of block layer j at recursion r; expert models number recursions as layers (trap
/// of 3.10).
std::string blockPrefix(const ModelConfig& config, int r, std::int64_t j) {
    const std::int64_t first = config.mor.sharing == Sharing::MiddleCycle ? 1 : 0;
    if (config.mor.type == RouterType::Expert) {
        return "model.layers." + std::to_string(first + r) + ".block." + std::to_string(j) + ".";
    }
    return "model.layers." + std::to_string(first) + ".block_list." + std::to_string(r) + "." +
           std::to_string(j) + ".";
}

void visitRecursions(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
    const std::int64_t first = config.mor.sharing == Sharing::MiddleCycle ? 1 : 0;
    for (int r = 0; r < config.mor.recursions; ++r) {
        for (std::int64_t j = 0; j < config.blockLayers(); ++j) {
            nn::LayerWeights& layer =
                weights.block[static_cast<std::size_t>(r)][static_cast<std::size_t>(j)];
            const std::string shared = r == 0 ? "" : blockPrefix(config, 0, j);
            visitLayer(config, layer, {blockPrefix(config, r, j), shared, "shared block"}, visitor);
        }
        if (config.mor.type == RouterType::Expert) {
            visitRouter(config, weights.routers[static_cast<std::size_t>(r)],
                        "model.layers." + std::to_string(first + r) + ".", visitor);
        }
    }
    if (config.mor.type == RouterType::Token) {
        const std::string prefix = "model.layers." + std::to_string(first) + ".";
        visitRouter(config, weights.routers[0], prefix, visitor);
        visitor({prefix + "router_bias", {config.mor.recursions}, "", "routers", true},
                weights.routerBias);
    }
}

} // namespace

Weights emptyWeights(const ModelConfig& config) {
    Weights weights;
    if (!config.hasRecursion()) {
        weights.before.resize(static_cast<std::size_t>(config.layers));
        return weights;
    }
    const auto recursions = static_cast<std::size_t>(config.mor.recursions);
    const std::size_t unshared = config.mor.sharing == Sharing::MiddleCycle ? 1 : 0;
    weights.before.resize(unshared);
    weights.after.resize(unshared);
    weights.block.assign(
        recursions, std::vector<nn::LayerWeights>(static_cast<std::size_t>(config.blockLayers())));
    const std::size_t matrices = config.mor.net == RouterNet::Linear ? 1 : 2;
    weights.routers.assign(config.mor.type == RouterType::Expert ? recursions : 1,
                           std::vector<at::Tensor>(matrices));
    return weights;
}

void visitWeights(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
    visitor(
        {"model.embed_tokens.weight", {config.vocabulary, config.width}, "", "embedding", false},
        weights.embedding);
    for (std::size_t i = 0; i < weights.before.size(); ++i) {
        const std::string part = config.hasRecursion() ? "first layer" : "layers";
        visitLayer(config, weights.before[i], {"model.layers." + std::to_string(i) + ".", "", part},
                   visitor);
    }
    if (config.hasRecursion()) {
        visitRecursions(config, weights, visitor);
    }
    for (nn::LayerWeights& layer : weights.after) {
        const int index = config.mor.type == RouterType::Expert ? config.mor.recursions + 1 : 2;
        visitLayer(config, layer, {"model.layers." + std::to_string(index) + ".", "", "last layer"},
                   visitor);
    }
    visitor({"model.norm.weight", {config.width}, "", "final norm", false}, weights.norm);
    const std::string tied = config.tiedHead ? "model.embed_tokens.weight" : "";
    visitor({"lm_head.weight", {config.vocabulary, config.width}, tied, "head", false},
            weights.head);
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
            tensor = at::ones(slot.shape);
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

std::vector<trace::ParameterPart> countParameters(const ModelConfig& config, Weights& weights) {
    std::vector<trace::ParameterPart> parts;
    std::set<const void*> seen;
    visitWeights(config, weights, [&](const WeightSlot& slot, at::Tensor& tensor) {
        if (!tensor.defined() || slot.optional || !seen.insert(tensor.const_data_ptr()).second) {
            return;
        }
        if (parts.empty() || parts.back().name != slot.part) {
            for (trace::ParameterPart& part : parts) {
                if (part.name == slot.part) {
                    part.count += tensor.numel();
                    return;
                }
            }
            parts.push_back({slot.part, 0, ""});
            if (slot.part == "shared block") {
                parts.back().sharedBy = "recursions 1-" + std::to_string(config.mor.recursions);
            }
        }
        parts.back().count += tensor.numel();
    });
    return parts;
}

} // namespace depthscope::models
