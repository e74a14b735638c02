// SPDX-License-Identifier: MIT
// The one declaration of the tensors of a video transformer: loading, saving, counting and training
// visit it (docs/video_models.md). Letters as in video_weights.h.
#pragma once

#include "engine/spec/video_weights.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::spec {

namespace video_declaration {

template <class T>
struct Visit {
    const VideoSpec& spec;
    const WeightVisitor<T>& visitor;
    std::string prefix;
    std::string part;

    [[nodiscard]] Visit in(const std::string& name) const {
        return {spec, visitor, prefix + name + ".", part};
    }

    void tensor(const std::string& name, std::vector<std::int64_t> shape, T& tensor) const {
        visitor({prefix + name, std::move(shape), "", part, false}, tensor);
    }

    void linear(const std::string& name,
                std::int64_t out,
                std::int64_t in,
                LinearWeights<T>& weights) const {
        tensor(name + ".weight", {out, in}, weights.weight);
        tensor(name + ".bias", {out}, weights.bias);
    }

    void modulation(ModulationWeights<T>& weights) const {
        if (spec.modulation == Modulation::Block) {
            linear("modulation", 6 * spec.width, spec.width, weights.projection);
        } else {
            tensor("modulation.table", {6, spec.width}, weights.table);
        }
    }

    void attention(VideoAttentionWeights<T>& weights) const {
        linear("attention.qkv", 3 * spec.width, spec.width, weights.qkv);
        linear("attention.out", spec.width, spec.width, weights.out);
        if (spec.qkNorm) {
            tensor("attention.query_norm.weight", {spec.headWidth()}, weights.queryGain);
            tensor("attention.key_norm.weight", {spec.headWidth()}, weights.keyGain);
        }
    }

    void
    feedForward(const std::string& name, std::int64_t ratio, FeedForwardWeights<T>& weights) const {
        linear(name + ".up", ratio * spec.width, spec.width, weights.up);
        linear(name + ".down", spec.width, ratio * spec.width, weights.down);
    }

    void block(DitBlockWeights<T>& weights) const {
        modulation(weights.modulation);
        attention(weights.attention);
        feedForward("mlp", spec.mlpRatio, weights.feedForward);
    }

    void blocks(const std::string& name, std::vector<DitBlockWeights<T>>& list) const {
        for (std::size_t i = 0; i < list.size(); ++i) {
            in(name + "." + std::to_string(i)).block(list[i]);
        }
    }

    void patterns(PatternWeights<T>& weights) const {
        modulation(weights.modulation);
        attention(weights.attention);
        tensor("motion.weight", {spec.width, spec.width}, weights.motion);
        tensor("registers", {spec.patterns->registers, spec.width}, weights.registers);
        tensor("router.weight", {kPatterns, spec.width}, weights.router);
        for (std::size_t e = 0; e < weights.experts.size(); ++e) {
            feedForward("experts." + std::to_string(e), spec.patterns->mlpRatio,
                        weights.experts[e]);
        }
        tensor("tags", {kPatterns, spec.width}, weights.tags);
        visitor({prefix + "balance", {kPatterns}, "", part, true}, weights.balance);
    }

    void router(const std::string& name, std::vector<T>& weights) const {
        const VideoRecursionSpec& recursion = *spec.recursion;
        const std::int64_t out =
            recursion.router.type == RouterType::Expert ? 1 : recursion.recursions;
        const std::int64_t hidden = routerHidden(recursion.router, spec.width);
        if (hidden == 0) {
            tensor(name + ".weight", {out, spec.width}, weights[0]);
        } else {
            tensor(name + ".0.weight", {hidden, spec.width}, weights[0]);
            tensor(name + ".2.weight", {out, hidden}, weights[1]);
        }
    }
};

} // namespace video_declaration

/// With every vector as long as the spec says.
template <class T>
[[nodiscard]] VideoWeights<T> emptyVideoWeights(const VideoSpec& spec) {
    VideoWeights<T> weights;
    weights.entry.resize(static_cast<std::size_t>(spec.entryBlocks));
    weights.exit.resize(static_cast<std::size_t>(spec.exitBlocks));
    if (spec.recursion) {
        const VideoRecursionSpec& recursion = *spec.recursion;
        weights.recursion.stack.resize(static_cast<std::size_t>(recursion.blocks));
        if (recursion.hasRouter()) {
            const bool expert = recursion.router.type == RouterType::Expert;
            const bool linear = routerHidden(recursion.router, spec.width) == 0;
            weights.recursion.routers.assign(expert ? static_cast<std::size_t>(recursion.recursions)
                                                    : 1,
                                             std::vector<T>(linear ? 1 : 2));
        }
    }
    return weights;
}

/// visitor(slot, tensor) in checkpoint order.
template <class T>
void visitVideoWeights(const VideoSpec& spec,
                       VideoWeights<T>& weights,
                       const WeightVisitor<T>& visitor) {
    const std::int64_t D = spec.width, P = spec.patchValues();
    const video_declaration::Visit<T> ends{spec, visitor, "", "embedding and head"};
    ends.linear("patch", D, P, weights.patch);
    const video_declaration::Visit<T> conditioning{spec, visitor, "", "conditioning"};
    conditioning.linear("time.0", D, kTimeWidth, weights.time1);
    conditioning.linear("time.2", D, D, weights.time2);
    if (spec.classes > 0) {
        conditioning.tensor("labels.weight", {spec.classes + 1, D}, weights.labels);
    }
    if (spec.modulation == Modulation::Single) {
        conditioning.linear("modulation", 6 * D, D, weights.modulation);
    }
    video_declaration::Visit<T>{spec, visitor, "", "entry blocks"}.blocks("entry", weights.entry);
    if (spec.patterns) {
        video_declaration::Visit<T>{spec, visitor, "patterns.", "pattern experts"}.patterns(
            weights.patterns);
    }
    if (spec.recursion) {
        video_declaration::Visit<T>{spec, visitor, "", "shared stack"}.blocks(
            "stack", weights.recursion.stack);
        const video_declaration::Visit<T> routing{spec, visitor, "recursion.", "routers"};
        for (std::size_t r = 0; r < weights.recursion.routers.size(); ++r) {
            routing.router("routers." + std::to_string(r), weights.recursion.routers[r]);
        }
        routing.tensor("steps", {spec.recursion->recursions, D}, weights.recursion.steps);
    }
    video_declaration::Visit<T>{spec, visitor, "", "exit blocks"}.blocks("exit", weights.exit);
    ends.linear("head.modulation", 2 * D, D, weights.headModulation);
    ends.linear("head.out", P, D, weights.head);
}

} // namespace depthscope::spec
