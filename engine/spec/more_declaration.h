// SPDX-License-Identifier: MIT
// The declaration of the tensors of MORE and its baseline, with the keys of their state dicts
// (docs/routing.md 1.4).
#pragma once

#include "engine/spec/language_weights.h"

#include <string>
#include <utility>
#include <vector>

namespace depthscope::spec {

namespace declaration {

using Shape = std::vector<std::int64_t>;

/// Visits tensors of one prefix and one part.
template <class T>
class Group {
public:
    Group(const WeightVisitor<T>& visitor, std::string prefix, std::string part)
        : m_visitor(visitor)
        , m_prefix(std::move(prefix))
        , m_part(std::move(part)) {}

    void operator()(const std::string& suffix, Shape shape, T& tensor) const {
        m_visitor({m_prefix + suffix, std::move(shape), "", m_part, false}, tensor);
    }

private:
    const WeightVisitor<T>& m_visitor;
    std::string m_prefix;
    std::string m_part;
};

template <class T>
void visitAttention(const LanguageSpec& c,
                    const Group<T>& visit,
                    const std::string& name,
                    LayerWeights<T>& layer) {
    const std::int64_t queries = c.heads * c.headDim, keys = c.kvHeads * c.headDim;
    visit(name + "_norm.weight", {c.width}, layer.inputNorm);
    visit(name + ".q_proj.weight", {queries, c.width}, layer.q);
    visit(name + ".k_proj.weight", {keys, c.width}, layer.k);
    visit(name + ".v_proj.weight", {keys, c.width}, layer.v);
    visit(name + ".o_proj.weight", {c.width, queries}, layer.o);
}

template <class T>
void visitExpert(const LanguageSpec& c, const Group<T>& visit, RecursiveExpert<T>& expert) {
    const std::int64_t queries = c.heads * c.headDim, keys = c.kvHeads * c.headDim;
    visit("tiny_attn_norm.weight", {c.width}, expert.attentionNorm);
    visit("tiny_attn.q_proj.weight", {queries, c.width}, expert.q);
    visit("tiny_attn.k_proj.weight", {keys, c.width}, expert.k);
    visit("tiny_attn.v_proj.weight", {keys, c.width}, expert.v);
    visit("tiny_attn.o_proj.weight", {c.width, queries}, expert.o);
    visit("ffn_norm.weight", {c.width}, expert.ffnNorm);
    visit("ffn.gate_proj.weight", {c.ffn, c.width}, expert.gate);
    visit("ffn.up_proj.weight", {c.ffn, c.width}, expert.up);
    visit("ffn.down_proj.weight", {c.width, c.ffn}, expert.down);
    visit("step_embedding", {c.recursion.count, c.width}, expert.steps);
    visit("out_norm.weight", {c.width}, expert.outNorm);
}

template <class T>
void visitFractal(const LanguageSpec& c,
                  MoreBlock<T>& block,
                  const std::string& prefix,
                  const WeightVisitor<T>& visitor) {
    visitAttention(c, Group<T>(visitor, prefix, "attention"), "attn", block.attention);
    const Group<T> routing(visitor, prefix, "expert routers");
    routing("more_norm.weight", {c.width}, block.moreNorm);
    routing("more.router.weight", {c.more.experts, c.width}, block.router);
    for (std::size_t e = 0; e < block.experts.size(); ++e) {
        const std::string expert = prefix + "more.experts." + std::to_string(e) + ".";
        visitExpert(c, Group<T>(visitor, expert, "recursive experts"), block.experts[e]);
    }
}

template <class T>
void visitBaselineBlock(const LanguageSpec& c,
                        LayerWeights<T>& layer,
                        const std::string& prefix,
                        const WeightVisitor<T>& visitor) {
    const Group<T> visit(visitor, prefix, "layers");
    visitAttention(c, visit, "attn", layer);
    visit("ffn_norm.weight", {c.width}, layer.postNorm);
    visit("ffn.gate_proj.weight", {c.ffn, c.width}, layer.gate);
    visit("ffn.up_proj.weight", {c.ffn, c.width}, layer.up);
    visit("ffn.down_proj.weight", {c.width, c.ffn}, layer.down);
}

template <class T>
void visitMore(const LanguageSpec& config,
               LanguageWeights<T>& weights,
               const WeightVisitor<T>& visitor) {
    const Shape table{config.vocabulary, config.width};
    visitor({"tok_emb.weight", table, "", "embedding", false}, weights.embedding);
    for (std::size_t i = 0; i < weights.fractal.size(); ++i) {
        visitFractal(config, weights.fractal[i], "blocks." + std::to_string(i) + ".", visitor);
    }
    for (std::size_t i = 0; i < weights.before.size(); ++i) {
        visitBaselineBlock(config, weights.before[i], "blocks." + std::to_string(i) + ".", visitor);
    }
    visitor({"final_norm.weight", {config.width}, "", "final norm", false}, weights.norm);
    const std::string tied = config.tiedHead ? "tok_emb.weight" : "";
    visitor({"lm_head.weight", table, tied, "head", false}, weights.head);
}

} // namespace declaration

} // namespace depthscope::spec
