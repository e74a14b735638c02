// SPDX-License-Identifier: MIT
// The declaration of Huginn's tensors, with the keys of its checkpoints (docs/looped.md 5); part of
// weight_declaration.h.
#pragma once

#include "engine/spec/language_weights.h"
#include "engine/spec/llama_declaration.h"
#include "engine/spec/more_declaration.h"

#include <string>
#include <vector>

namespace depthscope::spec {

namespace declaration {

template <class T>
void visitSandwich(const LanguageSpec& c, const Group<T>& visit, LayerWeights<T>& layer) {
    const std::int64_t features = c.heads * c.headDim;
    visit("norm_1.weight", {c.width}, layer.inputNorm);
    visit("attn.Wqkv.weight", {3 * features, c.width}, layer.qkv);
    if (c.loop.queryKeyBias) {
        visit("attn.qk_bias", {2, 1, c.heads, c.headDim}, layer.qkBias);
    }
    visit("attn.proj.weight", {c.width, features}, layer.o);
    visit("norm_2.weight", {c.width}, layer.attentionOutNorm);
    visit("norm_3.weight", {c.width}, layer.postNorm);
    visit("mlp.fc.weight", {2 * c.ffn, c.width}, layer.gateUp);
    visit("mlp.proj.weight", {c.width, c.ffn}, layer.down);
    visit("norm_4.weight", {c.width}, layer.feedForwardOutNorm);
}

template <class T>
void visitHuginn(const LanguageSpec& config,
                 LanguageWeights<T>& weights,
                 const WeightVisitor<T>& visitor) {
    const auto visitLayers = [&](const std::string& name, const std::string& part,
                                 std::vector<LayerWeights<T>>& layers) {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const std::string prefix = "transformer." + name + "." + std::to_string(i) + ".";
            visitSandwich(config, Group<T>(visitor, prefix, part), layers[i]);
        }
    };
    const std::int64_t D = config.width;
    const std::string embedding = "transformer.wte.weight";
    visitor({embedding, {config.vocabulary, D}, "", "embedding", false}, weights.embedding);
    visitLayers("prelude", "prelude", weights.before);
    visitor({"transformer.adapter.weight", {D, 2 * D}, "", kSharedBlock, false}, weights.adapter);
    visitLayers("core_block", kSharedBlock, weights.block.front());
    visitLayers("coda", "coda", weights.after);
    visitor({"transformer.ln_f.weight", {D}, "", "final norm", false}, weights.norm);
    const std::string tied = config.tiedHead ? embedding : "";
    visitor({"lm_head.weight", {config.vocabulary, D}, tied, "head", false}, weights.head);
}

} // namespace declaration

} // namespace depthscope::spec
