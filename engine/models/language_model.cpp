// SPDX-License-Identifier: MIT
#include "engine/models/language_model.h"

#include "engine/models/block.h"
#include "engine/models/huginn.h"
#include "engine/models/looped.h"
#include "engine/models/more.h"
#include "engine/nn/layer_run.h"
#include "engine/nn/linear.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace depthscope::models {

nn::LayerShape layerShape(const spec::LanguageSpec& config) {
    return {config.heads,       config.kvHeads,        config.headDim,
            config.normEpsilon, config.refinesState(), config.refinesState()};
}

LanguageModel::LanguageModel(spec::LanguageSpec config, Weights weights)
    : m_config(std::move(config))
    , m_weights(std::move(weights))
    , m_frequencies(
          nn::rotaryFrequencies(m_config.headDim, m_config.ropeTheta, m_config.ropeScaling)
              .to(device())) {}

int LanguageModel::sharedStages() const {
    if (!m_config.sharesLayers()) {
        return static_cast<int>(m_weights.fractal.size());
    }
    if (m_config.isLooped()) {
        return spec::kMostRecursions; // those that are not asked for do nothing
    }
    return spec::isSequence(m_config.recursion.sharing) ? static_cast<int>(m_config.blockLayers())
                                                        : m_config.recursion.count;
}

int LanguageModel::stages() const {
    return 2 + static_cast<int>(m_weights.before.size() + m_weights.after.size()) + sharedStages();
}

nn::KvCache LanguageModel::makeCache(settings::KvPolicy policy, std::int64_t rows) const {
    const bool laidOver =
        policy == settings::KvPolicy::Hybrid || policy == settings::KvPolicy::Latest;
    // Of a looped model all layers that can be asked for, those behind the recursions last.
    const std::int64_t layers =
        m_config.isLooped()
            ? m_config.unrolledLayer(spec::kMostRecursions, m_config.trailingLayers())
            : m_config.layers;
    return nn::KvCache(layers, rows > 1 || laidOver ? nn::EntryPositions::Kept
                                                    : nn::EntryPositions::Forgotten);
}

void LanguageModel::embed(Pass& pass) const {
    pass.x = at::embedding(m_weights.embedding, pass.ids);
    if (m_config.refinesState()) {
        pass.x = pass.x * std::sqrt(static_cast<double>(m_config.width));
    }
    const auto B = pass.ids.size(0), T = pass.ids.size(1);
    if (pass.rowStarts.empty()) {
        pass.positions = at::arange(pass.firstPosition, pass.firstPosition + T, pass.ids.options())
                             .unsqueeze(0)
                             .expand({B, T});
    } else {
        const at::Tensor starts = at::tensor(pass.rowStarts, at::kLong).to(pass.ids.device());
        pass.positions = starts.unsqueeze(1) + at::arange(T, pass.ids.options());
    }
    pass.rotary = nn::rotary(pass.positions, m_frequencies, pass.x.scalar_type());
    // MORE's tokens all take the same number of steps, inside their experts.
    const std::int64_t depth = m_config.sharesLayers()                 ? 0
                               : m_config.family == spec::Family::More ? pass.routing.depth
                                                                       : 1;
    pass.depth = at::full_like(pass.ids, depth);
    const settings::RoutingSettings& settings = pass.routing.settings;
    const bool needsCache =
        settings.kv == settings::KvPolicy::Latest || settings::runsTokenByToken(settings);
    if (needsCache && pass.cache == nullptr) {
        pass.scratch = makeCache(settings.kv);
    }
}

void LanguageModel::finish(Pass& pass) const {
    pass.active = {}; // of no use any more, and its states are large
    pass.input.reset();
    if (m_config.refinesState() && pass.logits.defined()) {
        return; // token by token
    }
    if (m_config.hasExitGate()) {
        chooseExits({m_config, m_weights, pass});
        if (!pass.logits.defined()) {
            pass.logits =
                nn::linear(pass.lastLogitsOnly ? pass.x.narrow(1, pass.x.size(1) - 1, 1) : pass.x,
                           m_weights.head);
        }
        return;
    }
    pass.logits = logitsOf(m_config, m_weights,
                           pass.lastLogitsOnly ? pass.x.narrow(1, pass.x.size(1) - 1, 1) : pass.x);
}

int LanguageModel::runPlainLayers(Pass& pass,
                                  std::span<const nn::LayerWeights> layers,
                                  std::int64_t index) const {
    const nn::LayerShape shape = layerShape(m_config);
    if (pass.cache != nullptr && !pass.x.is_cpu() && pass.rowCounts.empty()) {
        std::vector<nn::CachedLayer> cached;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            cached.push_back({&layers[i], &pass.cache->slot(index + static_cast<std::int64_t>(i))});
        }
        if (nn::runAsOne(cached, shape, pass.x)) {
            pass.x = nn::decoderLayers(cached, shape, pass.rotary, pass.x, pass.positions);
            return static_cast<int>(layers.size());
        }
    }
    nn::KvAccess kv;
    kv.slot = pass.cache != nullptr ? &pass.cache->slot(index) : nullptr;
    kv.positions = pass.positions;
    kv.counts = pass.rowCounts;
    pass.x = nn::decoderLayer(layers.front(), shape, pass.rotary, pass.x, kv);
    return 1;
}

void LanguageModel::runRouted(Pass& pass, int r) const {
    const spec::RouterSpec& spec = m_config.mor;
    const bool expertChoice = spec.type == spec::RouterType::Expert;
    const auto index = expertChoice ? static_cast<std::size_t>(r) : 0;
    RouterWeights router{m_weights.routers[index], {}, m_weights.routerBias};
    if (!m_weights.auxRouters.empty()) {
        router.aux = m_weights.auxRouters[index];
    }
    const BlockFn block = [&](const at::Tensor& h, const ActiveSet& active, int recursion) {
        return runBlock({m_config, m_weights, pass}, h, active, recursion);
    };
    (expertChoice ? runExpertChoice : runTokenChoice)(spec, router, pass, block, r);
}

void LanguageModel::runShared(Pass& pass, int stage) const {
    const auto index = static_cast<std::size_t>(stage);
    bool again = false;
    if (m_config.family == spec::Family::More) {
        pass.stage +=
            runFractalBlocks(m_config, std::span(m_weights.fractal).subspan(index), pass, stage) -
            1;
    } else if (m_config.sharesLayers() && spec::isSequence(m_config.recursion.sharing)) {
        runRepeatedLayer({m_config, m_weights, pass}, stage);
    } else if (stage >= pass.routing.depth) {
        return;
    } else if (m_config.hasExitGate()) {
        again = !runLoop({m_config, m_weights, pass}, stage);
    } else if (m_config.refinesState()) {
        again = !refineState({m_config, m_weights, pass}, stage);
    } else if (!m_config.hasRouter()) {
        runPlainRecursion({m_config, m_weights, pass}, stage);
    } else {
        runRouted(pass, stage);
    }
    if (again) {
        --pass.stage; // the same once more, for the next token
    }
}

at::Tensor LanguageModel::readOut(const Pass& pass, const at::Tensor& x) const {
    if (m_config.hasExitGate()) {
        return x; // its recursions end with the norm
    }
    at::Tensor state =
        m_config.refinesState() ? nn::rmsNorm(x, m_weights.norm, m_config.normEpsilon) : x;
    const auto first = [&](const at::Tensor& of) { return of.narrow(1, 0, x.size(1)); };
    const nn::Rotary rotary{first(pass.rotary.cosine), first(pass.rotary.sine)};
    for (const nn::LayerWeights& layer : m_weights.after) {
        nn::KvAccess kv;
        kv.positions = first(pass.positions);
        state = nn::decoderLayer(layer, layerShape(m_config), rotary, state, kv);
    }
    return nn::rmsNorm(state, m_weights.norm, m_config.normEpsilon);
}

void LanguageModel::runStage(Pass& pass) const {
    const auto before = static_cast<int>(m_weights.before.size());
    const int shared = sharedStages();
    const int stage = pass.stage++;
    if (stage == 0) {
        embed(pass);
    } else if (stage <= before) {
        const auto i = static_cast<std::size_t>(stage - 1);
        pass.stage += runPlainLayers(pass, std::span(m_weights.before).subspan(i), stage - 1) - 1;
    } else if (stage <= before + shared) {
        runShared(pass, stage - 1 - before);
    } else if (stage + 1 < stages()) {
        const auto i = static_cast<std::size_t>(stage - 1 - before - shared);
        const auto after = static_cast<std::int64_t>(m_weights.after.size());
        if (m_config.refinesState()) {
            runCoda({m_config, m_weights, pass}, static_cast<std::int64_t>(i));
            return;
        }
        pass.stage += runPlainLayers(pass, std::span(m_weights.after).subspan(i),
                                     m_config.layers - after + static_cast<std::int64_t>(i)) -
                      1;
    } else {
        finish(pass);
    }
}

void LanguageModel::run(Pass& pass) const {
    const int count = stages();
    while (pass.stage < count) {
        runStage(pass);
    }
}

at::Tensor idsRow(std::span<const std::int32_t> ids, at::Device device) {
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    return at::tensor(wide, at::kLong).unsqueeze(0).to(device);
}

} // namespace depthscope::models
