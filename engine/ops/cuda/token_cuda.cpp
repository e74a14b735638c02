// SPDX-License-Identifier: MIT
// The token operators on a GPU: device and stream of the tensors at hand around token_host.h.
#include "engine/ops/cuda/token_host.h"
#include "engine/ops/cuda/token_kernels.h"

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include <utility>

namespace depthscope::ops::cuda {

namespace {

/// On the current stream of a tensor's device.
class StreamLauncher final : public Launcher {
public:
    explicit StreamLauncher(const at::Tensor& x)
        : m_guard(x.device())
        , m_stream(c10::cuda::getCurrentCUDAStream()) {}

    void rows(const Grid& grid, Form form, const RowsArgs& args) override {
        C10_CUDA_CHECK(launchRows(grid, form, args, m_stream));
    }

    void expertRows(const Grid& grid,
                    Form form,
                    const RowsArgs& args,
                    const ExpertParts& parts) override {
        C10_CUDA_CHECK(launchExpertRows(grid, form, args, parts, m_stream));
    }

    void attention(const Grid& grid, Form form, const AttentionArgs& args) override {
        C10_CUDA_CHECK(launchAttention(grid, form, args, m_stream));
    }

    void
    choice(const Grid& grid, Form form, const ChoiceArgs& args, const ExpertTable& table) override {
        C10_CUDA_CHECK(launchChoice(grid, form, args, table, m_stream));
    }

    void mixing(const Grid& grid, Form form, const MixingArgs& args) override {
        C10_CUDA_CHECK(launchMixing(grid, form, args, m_stream));
    }

private:
    c10::cuda::CUDAGuard m_guard;
    c10::cuda::CUDAStream m_stream;
};

/// An operator of token_host.h over its first tensor's stream.
template <auto Operator, class Signature>
struct OnStream;

template <auto Operator, class Result, class... Rest>
struct OnStream<Operator, Result (*)(Launcher&, const at::Tensor&, Rest...)> {
    static Result call(const at::Tensor& x, Rest... rest) {
        StreamLauncher launcher(x);
        return Operator(launcher, x, rest...);
    }
};

template <auto Operator>
constexpr auto kOnStream = OnStream<Operator, decltype(Operator)>::call;

} // namespace

TORCH_LIBRARY_IMPL(depthscope, CUDA, m) {
    m.impl("token_attention", kOnStream<&tokenAttention>);
    m.impl("token_feed_forward", kOnStream<&tokenFeedForward>);
    m.impl("token_mixture", kOnStream<&tokenMixture>);
    m.impl("token_head", kOnStream<&tokenHead>);
}

} // namespace depthscope::ops::cuda
