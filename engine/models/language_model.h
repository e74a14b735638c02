// SPDX-License-Identifier: MIT
// A language model ready to run: vanilla Llama or Mixture-of-Recursions. Const after loading; a
// pass carries all state, so one model serves any number of passes of its thread.
#pragma once

#include "engine/models/config.h"
#include "engine/models/pass.h"
#include "engine/models/recursion.h"
#include "engine/models/weights.h"

#include <cstdint>

namespace depthscope::models {

class LanguageModel {
public:
    LanguageModel(ModelConfig config, Weights weights)
        : m_config(std::move(config))
        , m_weights(std::move(weights)) {}

    [[nodiscard]] const ModelConfig& config() const { return m_config; }

    [[nodiscard]] Weights& weights() { return m_weights; }

    [[nodiscard]] const Weights& weights() const { return m_weights; }

    /// Stages of a pass: embedding and each unshared layer, each recursion, each layer after, the
    /// head. One stage is the grain at which a job can be interrupted.
    [[nodiscard]] int stages() const;

    /// Runs stage pass.stage and counts it up.
    void runStage(Pass& pass, ActiveSet& active) const;

    /// All stages in a row.
    void run(Pass& pass) const;

    /// A cache with a slot for each unrolled layer.
    [[nodiscard]] nn::KvCache makeCache() const { return nn::KvCache(m_config.layers); }

private:
    void embed(Pass& pass) const;
    void finish(Pass& pass) const;

    ModelConfig m_config;
    Weights m_weights;
};

/// nn::LayerShape of a model's layers.
[[nodiscard]] nn::LayerShape layerShape(const ModelConfig& config);

} // namespace depthscope::models
