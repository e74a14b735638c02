// SPDX-License-Identifier: MIT
// The one declaration of the tensors of a language model: loading, saving, counting and sharing all
// visit it. Keys are those of the official checkpoints (docs/routing.md 3.10, 1.4).
#pragma once

#include "engine/spec/huginn_declaration.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/llama_declaration.h"
#include "engine/spec/more_declaration.h"

#include <cstddef>
#include <vector>

namespace depthscope::spec {

/// All vectors sized for `config`.
template <class T>
LanguageWeights<T> emptyWeights(const LanguageSpec& config) {
    LanguageWeights<T> weights;
    const auto layers = static_cast<std::size_t>(config.layers);
    if (config.family == Family::More) {
        weights.fractal.resize(layers);
        for (MoreBlock<T>& block : weights.fractal) {
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
    weights.after.resize(static_cast<std::size_t>(config.trailingLayers()));
    weights.block.assign(
        config.refinesState() ? 1 : recursions,
        std::vector<LayerWeights<T>>(static_cast<std::size_t>(config.blockLayers())));
    if (config.hasRouter()) {
        const bool expert = config.mor.type == RouterType::Expert;
        const std::size_t matrices = routerHidden(config) == 0 ? 1 : 2;
        weights.routers.assign(expert ? recursions : 1, std::vector<T>(matrices));
        if (expert && config.mor.scoreTraining == ScoreTraining::AuxRouter) {
            weights.auxRouters = weights.routers;
        }
    }
    return weights;
}

/// Calls visitor(slot, tensor) for every tensor in checkpoint order.
template <class T>
void visitWeights(const LanguageSpec& config,
                  LanguageWeights<T>& weights,
                  const WeightVisitor<T>& visitor) {
    if (config.isMoreFamily()) {
        declaration::visitMore(config, weights, visitor);
    } else if (config.refinesState()) {
        declaration::visitHuginn(config, weights, visitor);
    } else {
        declaration::visitLlama(config, weights, visitor);
    }
}

} // namespace depthscope::spec
