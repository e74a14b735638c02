// SPDX-License-Identifier: MIT
#include "engine/models/weights_more.h"

namespace depthscope::models {

namespace {

using Visitor = std::function<void(const WeightSlot&, at::Tensor&)>;
using Shape = std::vector<std::int64_t>;

/// Visits tensors of one prefix and one part.
class Group {
public:
    Group(const Visitor& visitor, std::string prefix, std::string part)
        : m_visitor(visitor)
        , m_prefix(std::move(prefix))
        , m_part(std::move(part)) {}

    void operator()(const std::string& suffix, Shape shape, at::Tensor& tensor) const {
        m_visitor({m_prefix + suffix, std::move(shape), "", m_part, false}, tensor);
    }

private:
    const Visitor& m_visitor;
    std::string m_prefix;
    std::string m_part;
};

void visitAttention(const ModelConfig& c,
                    const Group& visit,
                    const std::string& name,
                    nn::LayerWeights& layer) {
    const std::int64_t queries = c.heads * c.headDim, keys = c.kvHeads * c.headDim;
    visit(name + "_norm.weight", {c.width}, layer.inputNorm);
    visit(name + ".q_proj.weight", {queries, c.width}, layer.q);
    visit(name + ".k_proj.weight", {keys, c.width}, layer.k);
    visit(name + ".v_proj.weight", {keys, c.width}, layer.v);
    visit(name + ".o_proj.weight", {c.width, queries}, layer.o);
}

void visitExpert(const ModelConfig& c, const Group& visit, RecursiveExpert& expert) {
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

void visitFractal(const ModelConfig& c,
                  MoreBlock& block,
                  const std::string& prefix,
                  const Visitor& visitor) {
    visitAttention(c, {visitor, prefix, "attention"}, "attn", block.attention);
    const Group routing(visitor, prefix, "expert routers");
    routing("more_norm.weight", {c.width}, block.moreNorm);
    routing("more.router.weight", {c.more.experts, c.width}, block.router);
    for (std::size_t e = 0; e < block.experts.size(); ++e) {
        const std::string expert = prefix + "more.experts." + std::to_string(e) + ".";
        visitExpert(c, {visitor, expert, "recursive experts"}, block.experts[e]);
    }
}

void visitBaselineBlock(const ModelConfig& c,
                        nn::LayerWeights& layer,
                        const std::string& prefix,
                        const Visitor& visitor) {
    const Group visit(visitor, prefix, "layers");
    visitAttention(c, visit, "attn", layer);
    visit("ffn_norm.weight", {c.width}, layer.postNorm);
    visit("ffn.gate_proj.weight", {c.ffn, c.width}, layer.gate);
    visit("ffn.up_proj.weight", {c.ffn, c.width}, layer.up);
    visit("ffn.down_proj.weight", {c.width, c.ffn}, layer.down);
}

} // namespace

void visitMore(const ModelConfig& config, Weights& weights, const Visitor& visitor) {
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

} // namespace depthscope::models
