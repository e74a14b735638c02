// SPDX-License-Identifier: MIT
// A language model ready to run: Llama, its recursive and Mixture-of-Recursions forms, looped
// models, MORE and its baseline. Const after loading; a pass carries all state, so one model serves
// any number of passes of its thread.
#pragma once

#include "engine/models/pass.h"
#include "engine/models/routed.h"
#include "engine/models/weights.h"
#include "engine/spec/language_spec.h"

#include <cstdint>
#include <span>

namespace depthscope::models {

class LanguageModel {
public:
    LanguageModel(spec::LanguageSpec config, Weights weights);

    [[nodiscard]] const spec::LanguageSpec& config() const { return m_config; }

    [[nodiscard]] Weights& weights() { return m_weights; }

    [[nodiscard]] const Weights& weights() const { return m_weights; }

    /// Stages of a pass: embedding and each unshared layer, each recursion, each layer after, the
    /// head. One stage is the grain at which a job can be interrupted; where a model runs token by
    /// token, a token is one, and of a token on a GPU unshared layers in a row are.
    [[nodiscard]] int stages() const;

    /// Runs stage pass.stage and increments it, or not where a part of it is left to run.
    void runStage(Pass& pass) const;

    /// Runs all stages.
    void run(Pass& pass) const;

    /// The stage of recursion 1 of a model that runs one block several times; the others follow.
    [[nodiscard]] int firstRecursion() const {
        return 1 + static_cast<int>(m_weights.before.size());
    }

    /// What the head would read if the pass had left its recursions with the states x [B, N, D] of
    /// its first tokens: through the layers after them, which attend among these states, and the
    /// last norm.
    [[nodiscard]] at::Tensor readOut(const Pass& pass, const at::Tensor& x) const;

    /// A cache with a slot for each unrolled layer, for `rows` sequences under a KV policy.
    [[nodiscard]] nn::KvCache makeCache(settings::KvPolicy policy = settings::KvPolicy::Recursion,
                                        std::int64_t rows = 1) const;

    [[nodiscard]] at::Device device() const { return m_weights.embedding.device(); }

    [[nodiscard]] at::ScalarType dtype() const { return m_weights.embedding.scalar_type(); }

private:
    void embed(Pass& pass) const;
    /// The first of the unshared layers, whose slot is `index`, or on a GPU all at once; how many.
    int
    runPlainLayers(Pass& pass, std::span<const nn::LayerWeights> layers, std::int64_t index) const;
    void runShared(Pass& pass, int stage) const;
    void runRouted(Pass& pass, int r) const;
    [[nodiscard]] int sharedStages() const;
    void finish(Pass& pass) const;

    spec::LanguageSpec m_config;
    Weights m_weights;
    at::Tensor m_frequencies; // of the rotary positions, [E/2]
};

/// nn::LayerShape of a model's layers.
[[nodiscard]] nn::LayerShape layerShape(const spec::LanguageSpec& config);

} // namespace depthscope::models
