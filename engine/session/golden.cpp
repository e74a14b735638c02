// SPDX-License-Identifier: MIT
#include "engine/session/golden.h"

#include "engine/base/hash.h"
#include "engine/base/random.h"

#include <ATen/ATen.h>

#include <map>
#include <string_view>

namespace depthscope::session {

using settings::Rule;
using spec::RouterFunction;
using spec::RouterType;

namespace {

/// FNV-1a of the name, then splitmix64 for each element: the portable weights of docs/routing.md 7.
at::Tensor portable(const std::string& name, const std::vector<std::int64_t>& shape) {
    Fnv hash;
    hash.add(name);
    SplitMix random(hash.value());
    const bool gain = shape.size() == 1;
    const double scale = gain ? 0.1 : 0.35;
    const double base = gain ? 1.0 : 0.0;
    at::Tensor tensor = at::empty(shape, at::kFloat);
    auto* data = tensor.mutable_data_ptr<float>();
    constexpr double kUnit = 1.0 / 9007199254740992.0; // 2^-53
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        const double u = static_cast<double>(random.next() >> 11U) * kUnit;
        data[i] = static_cast<float>(base + scale * (2.0 * u - 1.0));
    }
    return tensor;
}

/// The golden model's own names for our checkpoint keys.
std::string goldenName(const spec::LanguageSpec& config, const std::string& key) {
    const auto after = [&](const std::string& prefix) { return key.substr(prefix.size()); };
    const bool expert = config.mor.type == RouterType::Expert;
    std::map<std::string, std::string> prefixes{
        {"model.layers.0.", "m.first."},
        {expert ? "model.layers.1.block.0." : "model.layers.1.block_list.0.0.", "m.blk0."},
        {expert ? "model.layers.1.block.1." : "model.layers.1.block_list.0.1.", "m.blk1."},
        {expert ? "model.layers.4." : "model.layers.2.", "m.last."},
    };
    for (const auto& [ours, theirs] : prefixes) {
        const bool router = key.find("mor_router") != std::string::npos;
        const bool block =
            key.find(".block") != std::string::npos && ours.find(".block") == std::string::npos;
        if (key.starts_with(ours) && !router && !block) {
            return theirs + after(ours);
        }
    }
    if (key.find("mor_router") != std::string::npos) {
        constexpr std::string_view kLayers = "model.layers.";
        const int recursion = key[kLayers.size()] - '1'; // layer 1 is recursion 0
        return expert ? "m.router" + std::to_string(recursion) + ".weight" : "m.trouter_5.weight";
    }
    return key == "model.norm.weight" ? "m.norm.weight" : "m.embed_tokens.weight";
}

} // namespace

std::vector<std::int64_t> goldenIds() {
    return {1, 4, 7, 2, 9, 0, 3, 8, 5};
}

std::vector<GoldenCase> goldenCases() {
    return {
        {"expert top-k",
         RouterType::Expert,
         RouterFunction::Sigmoid,
         0.1,
         Rule::TopK,
         {1, 3, 1, 3, 2, 2, 3, 2, 1},
         {-0.178046, -0.135720, -0.950174, -0.086516}},
        {"expert top-k, KV share",
         RouterType::Expert,
         RouterFunction::Sigmoid,
         0.1,
         Rule::TopK,
         {1, 3, 1, 3, 2, 2, 3, 2, 1},
         {-0.179496, -0.137208, -0.945241, -0.083436},
         settings::KvPolicy::Share},
        {"expert threshold",
         RouterType::Expert,
         RouterFunction::Sigmoid,
         0.1,
         Rule::Threshold,
         {1, 3, 1, 3, 1, 3, 3, 2, 1},
         {-0.176332, -0.136894, -0.954704, -0.089847}},
        {"token softmax",
         RouterType::Token,
         RouterFunction::Softmax,
         1.0,
         Rule::Token,
         {1, 3, 1, 3, 2, 2, 1, 1, 2},
         {-0.156711, 0.108911, -0.811853, -0.002440}},
        {"token sigmoid",
         RouterType::Token,
         RouterFunction::Sigmoid,
         0.1,
         Rule::Token,
         {1, 3, 1, 3, 2, 2, 1, 1, 2},
         {-0.171601, -0.106448, -0.935314, -0.074200}},
    };
}

models::LanguageModel goldenModel(const GoldenCase& wanted, at::Device device) {
    spec::LanguageSpec config;
    config.family = spec::Family::MorLlama;
    config.vocabulary = 11;
    config.width = 8;
    config.ffn = 12;
    config.layers = 8;
    config.heads = 2;
    config.kvHeads = 1;
    config.headDim = 4;
    config.context = 32;
    config.recursion = {spec::Sharing::MiddleCycle, 3};
    config.kv = wanted.kv;
    config.mor.type = wanted.type;
    config.mor.function = wanted.function;
    config.mor.alpha = wanted.alpha;
    if (wanted.type == RouterType::Expert) {
        config.mor.capacity = {{1, 1}, {2, 3}, {1, 3}};
    }
    models::Weights weights = models::emptyWeights(config);
    std::map<std::string, at::Tensor> made;
    models::visitWeights(config, weights, [&](const spec::WeightSlot& slot, at::Tensor& tensor) {
        if (slot.optional) {
            return;
        }
        tensor = slot.sharedWith.empty()
                     ? portable(goldenName(config, slot.key), slot.shape).to(device)
                     : made.at(slot.sharedWith);
        made[slot.key] = tensor;
    });
    return {config, std::move(weights)};
}

GoldenMore goldenMore() {
    return {{1, 4, 7, 2, 9, 0},
            {4, 7, 2, 9, 0, 3},
            {2, 0, 2, 1, 2, 0, 0, 1, 1, 0, 0, 2, 1, 0, 2, 1, 2, 1, 2, 0, 0, 2, 2, 1},
            2.486632773254,
            {1.000546, -0.192441, 0.413820, 0.789595, -0.428070, -1.070132, 0.638609, 1.209411,
             0.482243, 0.233508, 0.552844}};
}

models::LanguageModel goldenMoreModel(at::Device device) {
    spec::LanguageSpec config;
    config.family = spec::Family::More;
    config.vocabulary = 11;
    config.width = 8;
    config.ffn = 16;
    config.layers = 2;
    config.heads = 2;
    config.kvHeads = 2;
    config.headDim = 4;
    config.context = 32;
    config.normEpsilon = 1e-6;
    config.more = {3, 2};
    config.recursion.count = 2;
    models::Weights weights = models::emptyWeights(config);
    models::visitWeights(config, weights, [&](const spec::WeightSlot& slot, at::Tensor& tensor) {
        tensor =
            portable(slot.sharedWith.empty() ? slot.key : slot.sharedWith, slot.shape).to(device);
    });
    return {config, std::move(weights)};
}

} // namespace depthscope::session
