// SPDX-License-Identifier: MIT
#include "engine/models/language_model.h"

#include <ATen/ATen.h>

namespace depthscope::models {

nn::LayerShape layerShape(const ModelConfig& config) {
    return {config.heads, config.kvHeads, config.headDim, config.normEpsilon};
}

int LanguageModel::stages() const {
    const auto unshared = static_cast<int>(m_weights.before.size() + m_weights.after.size());
    return 2 + unshared + (m_config.hasRecursion() ? m_config.mor.recursions : 0);
}

void LanguageModel::embed(Pass& pass) const {
    pass.x = at::embedding(m_weights.embedding, pass.ids);
    const auto B = pass.ids.size(0), T = pass.ids.size(1);
    const at::Tensor positions =
        at::arange(pass.firstPosition, pass.firstPosition + T, pass.ids.options())
            .unsqueeze(0)
            .expand({B, T});
    pass.rotary = nn::rotary(positions, m_config.headDim, m_config.ropeTheta, pass.x.scalar_type());
    pass.depth = m_config.hasRecursion() ? at::zeros_like(pass.ids) : at::ones_like(pass.ids);
}

void LanguageModel::finish(Pass& pass) const {
    at::Tensor x = pass.lastLogitsOnly ? pass.x.narrow(1, pass.x.size(1) - 1, 1) : pass.x;
    x = nn::rmsNorm(x, m_weights.norm, m_config.normEpsilon);
    pass.logits = at::linear(x, m_weights.head);
}

void LanguageModel::runStage(Pass& pass, ActiveSet& active) const {
    const auto before = static_cast<int>(m_weights.before.size());
    const int recursions = m_config.hasRecursion() ? m_config.mor.recursions : 0;
    const auto after = static_cast<int>(m_weights.after.size());
    const int stage = pass.stage++;
    const auto slotOf = [&](std::int64_t layer) {
        return pass.cache != nullptr ? &pass.cache->slot(layer) : nullptr;
    };
    if (stage == 0) {
        embed(pass);
    } else if (stage <= before) {
        const int layer = stage - 1;
        pass.x = nn::decoderLayer(m_weights.before[static_cast<std::size_t>(layer)],
                                  layerShape(m_config), pass.rotary, pass.x, slotOf(layer));
    } else if (stage <= before + recursions) {
        const int r = stage - 1 - before;
        if (r >= pass.routing.depth) {
            return;
        }
        if (m_config.mor.type == RouterType::Expert) {
            runExpertRecursion(m_config, m_weights, pass, active, r);
        } else {
            runTokenRecursion(m_config, m_weights, pass, active, r);
        }
    } else if (stage <= before + recursions + after) {
        const int i = stage - 1 - before - recursions;
        const std::int64_t layer = m_config.layers - after + i;
        pass.x = nn::decoderLayer(m_weights.after[static_cast<std::size_t>(i)],
                                  layerShape(m_config), pass.rotary, pass.x, slotOf(layer));
    } else {
        finish(pass);
    }
}

void LanguageModel::run(Pass& pass) const {
    ActiveSet active;
    const int count = stages();
    while (pass.stage < count) {
        runStage(pass, active);
    }
}

} // namespace depthscope::models
