// SPDX-License-Identifier: MIT
#include "engine/models/initialise.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <utility>

namespace depthscope::models {

namespace {

constexpr std::array<std::pair<std::string_view, Initialisation>, 5> kNames{{
    {"stepwise", Initialisation::Stepwise},
    {"average", Initialisation::Average},
    {"lower", Initialisation::Lower},
    {"upper", Initialisation::Upper},
    {"random", Initialisation::Random},
}};

/// target = mean of the layers, tensor by tensor.
void copyLayers(const std::vector<const nn::LayerWeights*>& from, nn::LayerWeights& to) {
    std::vector<std::vector<at::Tensor>> columns;
    for (const nn::LayerWeights* layer : from) {
        std::size_t i = 0;
        nn::LayerWeights::visit(*layer, [&](const char*, const at::Tensor& tensor) {
            columns.resize(std::max(columns.size(), i + 1));
            columns[i++].push_back(tensor);
        });
    }
    std::size_t i = 0;
    nn::LayerWeights::visit(to, [&](const char* suffix, at::Tensor& tensor) {
        const std::vector<at::Tensor>& sources = columns[i++];
        if (!tensor.defined()) {
            return;
        }
        if (!sources.front().defined() || sources.front().sizes() != tensor.sizes()) {
            throw Error(ErrorCode::BadInput,
                        std::string("the model to start from has a different shape of ") + suffix,
                        "Start from a model of the same width, heads and feed-forward width.");
        }
        tensor.copy_(at::stack(sources).mean(0));
    });
}

/// What would be left behind, or mean something else, in a model of another kind.
void requireSameKind(const spec::LanguageSpec& from, const spec::LanguageSpec& to) {
    const auto require = [](bool same, const std::string& what, const std::string& field) {
        if (!same) {
            throw Error(
                ErrorCode::BadInput, "the model to start from has " + what + " the model to train",
                "Use its " + field + " in the recipe, for example with --set " + field + "=...");
        }
    };
    require(from.ropeTheta == to.ropeTheta, "a different rope_theta than", "rope_theta");
    require(from.normEpsilon == to.normEpsilon, "a different rms_norm_eps than", "rms_norm_eps");
    require(from.attentionBias == to.attentionBias, "different attention biases than",
            "attention_bias");
    require(from.mlpBias == to.mlpBias, "different feed-forward biases than", "mlp_bias");
    require(from.tiedHead == to.tiedHead, "a different head tying than", "tie_word_embeddings");
    if (from.ropeScaling.kind != spec::RopeScaling::Kind::None) {
        throw Error(ErrorCode::BadInput, "the model to start from uses rope_scaling",
                    "Start from a model without it: models trained here do not support it.");
    }
}

const nn::LayerWeights* layerOf(const LanguageModel& source, std::int64_t index) {
    return &source.weights().before.at(static_cast<std::size_t>(index));
}

} // namespace

Initialisation parseInitialisation(std::string_view name) {
    for (const auto& [known, method] : kNames) {
        if (known == name) {
            return method;
        }
    }
    throw Error(ErrorCode::Usage, fmt::format("init: unknown value \"{}\"", name),
                fmt::format("Valid values: {}.",
                            listOf(kNames, [](const auto& row) { return row.first; })));
}

std::vector<std::vector<std::int64_t>> seedsOf(Initialisation method,
                                               spec::Sharing sharing,
                                               int count,
                                               std::int64_t block,
                                               std::uint64_t seed) {
    const std::int64_t inner = block * count;
    std::vector<std::vector<std::int64_t>> seeds(static_cast<std::size_t>(block));
    std::vector<std::int64_t> drawn(static_cast<std::size_t>(inner));
    std::iota(drawn.begin(), drawn.end(), 0);
    if (method == Initialisation::Random) {
        std::mt19937_64 random(seed);
        std::shuffle(drawn.begin(), drawn.end(), random);
        std::sort(drawn.begin(), drawn.begin() + block);
    }
    for (std::int64_t slot = 0; slot < block; ++slot) {
        auto& chosen = seeds[static_cast<std::size_t>(slot)];
        const double step =
            block > 1 ? static_cast<double>(inner - 1) / static_cast<double>(block - 1) : 0.0;
        switch (method) {
        case Initialisation::Stepwise:
            chosen = {static_cast<std::int64_t>(std::nearbyint(step * static_cast<double>(slot)))};
            break;
        case Initialisation::Lower:
            chosen = {slot};
            break;
        case Initialisation::Upper:
            chosen = {inner - block + slot};
            break;
        case Initialisation::Random:
            chosen = {drawn[static_cast<std::size_t>(slot)]};
            break;
        case Initialisation::Average:
            for (int r = 0; r < count; ++r) {
                chosen.push_back(spec::isSequence(sharing) ? slot * count + r : r * block + slot);
            }
            break;
        }
    }
    return seeds;
}

void initialiseFrom(const LanguageModel& source,
                    LanguageModel& target,
                    Initialisation method,
                    std::uint64_t seed) {
    const spec::LanguageSpec& config = target.config();
    const spec::LanguageSpec& from = source.config();
    if (from.family != spec::Family::Llama || !config.sharesLayers()) {
        throw Error(ErrorCode::Usage, "shared layers can only start from a llama model",
                    "Give a llama folder and a recursive or MoR preset.");
    }
    const std::vector<std::int64_t> kept =
        spec::keptLayers(config.recursion.sharing, config.recursion.count, from.layers);
    if (static_cast<std::int64_t>(kept.size()) != config.layers || from.width != config.width ||
        from.vocabulary != config.vocabulary) {
        throw Error(ErrorCode::BadInput,
                    "the model to start from has " + std::to_string(from.layers) +
                        " layers of width " + std::to_string(from.width) + " and " +
                        std::to_string(from.vocabulary) + " tokens; " +
                        std::to_string(config.layers) + " of width " +
                        std::to_string(config.width) + " and " + std::to_string(config.vocabulary) +
                        " are required",
                    "Start from a model of the preset's size.");
    }
    requireSameKind(from, config);
    const c10::NoGradGuard noGrad;
    Weights& weights = target.weights();
    weights.embedding.copy_(source.weights().embedding);
    weights.norm.copy_(source.weights().norm);
    weights.head.copy_(source.weights().head);
    const std::int64_t lead = config.leadingLayers();
    if (lead > 0) {
        copyLayers({layerOf(source, kept.front())}, weights.before[0]);
        copyLayers({layerOf(source, kept.back())}, weights.after[0]);
    }
    const auto seeds = seedsOf(method, config.recursion.sharing, config.recursion.count,
                               config.blockLayers(), seed);
    for (std::size_t slot = 0; slot < seeds.size(); ++slot) {
        std::vector<const nn::LayerWeights*> layers;
        for (const std::int64_t inner : seeds[slot]) {
            layers.push_back(layerOf(source, kept[static_cast<std::size_t>(lead + inner)]));
        }
        copyLayers(layers, weights.block[0][slot]); // the other recursions share its storage
    }
}

} // namespace depthscope::models
