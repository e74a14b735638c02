// SPDX-License-Identifier: MIT
// Schemas of prepared runs, and those that call layer after layer.
#include "engine/ops/token_run.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/custom_class.h>
#include <torch/library.h>

#include <utility>
#include <vector>

namespace depthscope::ops {

namespace {

class PlainRun final : public TokenRun {
public:
    PlainRun(at::TensorList weights, at::TensorList keys, at::TensorList values, double epsilon)
        : m_weights(weights.vec())
        , m_keys(keys.vec())
        , m_values(values.vec())
        , m_epsilon(epsilon) {}

    at::Tensor run(const at::Tensor& x,
                   const at::Tensor& cosine,
                   const at::Tensor& sine,
                   std::int64_t entries) override {
        at::Tensor state = x;
        for (std::size_t layer = 0; layer < m_keys.size(); ++layer) {
            const at::Tensor* part = &m_weights[layer * kTokenLayerParts];
            const TokenEntries own[] = {{m_keys[layer], m_values[layer], entries, true}};
            state = tokenAttention(
                state, {part[0], part[1], part[2], part[3], part[4], cosine, sine, own, m_epsilon});
            state = tokenFeedForward(state, {part[5], part[6], part[7], part[8], m_epsilon});
        }
        return state;
    }

private:
    std::vector<at::Tensor> m_weights, m_keys, m_values;
    double m_epsilon;
};

c10::intrusive_ptr<TokenRun>
plainRun(at::TensorList weights, at::TensorList keys, at::TensorList values, double epsilon) {
    return c10::make_intrusive<PlainRun>(weights, keys, values, epsilon);
}

class PlainMixtureRun final : public TokenRun {
public:
    PlainMixtureRun(at::TensorList weights,
                    at::TensorList experts,
                    at::TensorList keys,
                    at::TensorList values,
                    const TokenBlocks& shape)
        : m_weights(weights.vec())
        , m_experts(experts.vec())
        , m_keys(keys.vec())
        , m_values(values.vec())
        , m_shape(shape) {}

    at::Tensor run(const at::Tensor& x,
                   const at::Tensor& cosine,
                   const at::Tensor& sine,
                   std::int64_t entries) override {
        at::Tensor state = x;
        std::vector<at::Tensor> indices, weights;
        const std::size_t each = m_experts.size() / m_keys.size();
        for (std::size_t block = 0; block < m_keys.size(); ++block) {
            const at::Tensor* part = &m_weights[block * kTokenBlockParts];
            const TokenEntries own[] = {{m_keys[block], m_values[block], entries, true}};
            state = tokenAttention(state, {part[0], part[1], part[2], part[3], part[4], cosine,
                                           sine, own, m_shape.epsilon});
            auto [mixed, index, weight] = tokenMixture(
                state, {part[5], part[6], std::span(m_experts).subspan(block * each, each),
                        m_shape.perToken, m_shape.headDim, m_shape.loops, m_shape.epsilon});
            state = std::move(mixed);
            indices.push_back(std::move(index));
            weights.push_back(std::move(weight));
        }
        m_chosen = {at::stack(indices), at::stack(weights)};
        return state;
    }

    std::pair<at::Tensor, at::Tensor> chosen() const override { return m_chosen; }

private:
    std::vector<at::Tensor> m_weights, m_experts, m_keys, m_values;
    TokenBlocks m_shape; ///< its spans are not read
    std::pair<at::Tensor, at::Tensor> m_chosen;
};

c10::intrusive_ptr<TokenRun> plainMixtureRun(at::TensorList weights,
                                             at::TensorList experts,
                                             at::TensorList keys,
                                             at::TensorList values,
                                             std::int64_t perToken,
                                             std::int64_t headDim,
                                             std::int64_t loops,
                                             double epsilon) {
    return c10::make_intrusive<PlainMixtureRun>(
        weights, experts, keys, values,
        TokenBlocks{{}, {}, {}, {}, perToken, headDim, loops, epsilon});
}

at::TensorList listOf(std::span<const at::Tensor> tensors) {
    return {tensors.data(), tensors.size()};
}

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.class_<TokenRun>("TokenRun");
    m.def("token_run(Tensor[] weights, Tensor[] keys, Tensor[] values, float epsilon) -> "
          "__torch__.torch.classes.depthscope.TokenRun");
    m.def("token_mixture_run(Tensor[] weights, Tensor[] experts, Tensor[] keys, Tensor[] values, "
          "int per_token, int head_dim, int loops, float epsilon) -> "
          "__torch__.torch.classes.depthscope.TokenRun");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("token_run", plainRun);
    m.impl("token_mixture_run", plainMixtureRun);
}

c10::intrusive_ptr<TokenRun> prepareTokenRun(std::span<const at::Tensor> weights,
                                             std::span<const at::Tensor> keys,
                                             std::span<const at::Tensor> values,
                                             double epsilon) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("depthscope::token_run", "")
                               .typed<decltype(plainRun)>();
    TORCH_CHECK(!keys.empty() && keys.size() == values.size() &&
                    weights.size() == keys.size() * kTokenLayerParts,
                "token_run: ", kTokenLayerParts, " weights, keys and values for each layer");
    return op.call(listOf(weights), listOf(keys), listOf(values), epsilon);
}

c10::intrusive_ptr<TokenRun> prepareTokenRun(const TokenBlocks& blocks) {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("depthscope::token_mixture_run", "")
                               .typed<decltype(plainMixtureRun)>();
    TORCH_CHECK(!blocks.keys.empty() && blocks.keys.size() == blocks.values.size() &&
                    blocks.weights.size() == blocks.keys.size() * kTokenBlockParts &&
                    !blocks.experts.empty() &&
                    blocks.experts.size() % (blocks.keys.size() * kTokenExpertParts) == 0,
                "token_mixture_run: ", kTokenBlockParts,
                " weights, experts, keys and values for each block");
    return op.call(listOf(blocks.weights), listOf(blocks.experts), listOf(blocks.keys),
                   listOf(blocks.values), blocks.perToken, blocks.headDim, blocks.loops,
                   blocks.epsilon);
}

} // namespace depthscope::ops
