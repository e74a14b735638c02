// SPDX-License-Identifier: MIT
// Schema of prepared runs, and the one that calls layer after layer.
#include "engine/ops/token_run.h"

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

} // namespace

TORCH_LIBRARY_FRAGMENT(depthscope, m) {
    m.class_<TokenRun>("TokenRun");
    m.def("token_run(Tensor[] weights, Tensor[] keys, Tensor[] values, float epsilon) -> "
          "__torch__.torch.classes.depthscope.TokenRun");
}

TORCH_LIBRARY_IMPL(depthscope, CompositeExplicitAutograd, m) {
    m.impl("token_run", plainRun);
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
    const auto list = [](std::span<const at::Tensor> of) {
        return at::TensorList(of.data(), of.size());
    };
    return op.call(list(weights), list(keys), list(values), epsilon);
}

} // namespace depthscope::ops
