// SPDX-License-Identifier: MIT
// Operators on a GPU: device, stream and graphs around token_host.h, token_run_host.h and
// layer_host.h.
#include "engine/ops/cuda/body_kernels.h"
#include "engine/ops/cuda/layer_host.h"
#include "engine/ops/cuda/token_host.h"
#include "engine/ops/cuda/token_run_host.h"

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/library.h>

#include <memory>

namespace depthscope::ops::cuda {

namespace {

/// Launches recorded by a stream.
class Graph {
public:
    explicit Graph(cudaGraphExec_t graph)
        : m_graph(graph) {}

    ~Graph() { static_cast<void>(cudaGraphExecDestroy(m_graph)); }

    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    void launch(cudaStream_t stream) const { C10_CUDA_CHECK(cudaGraphLaunch(m_graph, stream)); }

private:
    cudaGraphExec_t m_graph;
};

class StreamLauncher final : public Launcher {
public:
    /// On the current stream of a tensor's device.
    explicit StreamLauncher(const at::Tensor& x)
        : m_guard(x.device())
        , m_stream(c10::cuda::getCurrentCUDAStream()) {}

    explicit StreamLauncher(c10::cuda::CUDAStream stream)
        : m_guard(stream.device())
        , m_stream(stream) {}

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

    void stage(const Grid& grid, const StageArgs& args) override {
        C10_CUDA_CHECK(launchStage(grid, args, m_stream));
    }

    void rotate(const Grid& grid, Elements elements, const RotateArgs& args) override {
        C10_CUDA_CHECK(launchRotate(grid, elements, args, m_stream));
    }

    void gated(const Grid& grid, Elements elements, const GatedArgs& args) override {
        C10_CUDA_CHECK(launchGated(grid, elements, args, m_stream));
    }

    /// On a stream of its own: the default stream cannot be captured.
    std::shared_ptr<void> record(const std::function<void(Launcher&)>& launches) override {
        const c10::cuda::CUDAStream side =
            c10::cuda::getStreamFromPool(/*isHighPriority=*/false, m_stream.device_index());
        StreamLauncher recorder(side);
        if (cudaStreamBeginCapture(side, cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
            return forgotten();
        }
        bool complete = true;
        try {
            launches(recorder);
        } catch (const c10::Error&) {
            complete = false;
        }
        cudaGraph_t captured = nullptr;
        complete = cudaStreamEndCapture(side, &captured) == cudaSuccess && complete;
        cudaGraphExec_t graph = nullptr;
        complete = complete && cudaGraphInstantiate(&graph, captured, 0) == cudaSuccess;
        if (captured != nullptr) {
            static_cast<void>(cudaGraphDestroy(captured));
        }
        return complete ? std::make_shared<Graph>(graph) : forgotten();
    }

    void replay(const std::shared_ptr<void>& recorded) override {
        static_cast<const Graph*>(recorded.get())->launch(m_stream);
    }

private:
    /// A GPU or driver that cannot record goes on without; the next call must not find its error.
    static std::shared_ptr<Graph> forgotten() {
        static_cast<void>(cudaGetLastError());
        return nullptr;
    }

    c10::cuda::CUDAGuard m_guard;
    c10::cuda::CUDAStream m_stream;
};

std::shared_ptr<Launcher> onStreamOf(const at::Tensor& x) {
    return std::make_shared<StreamLauncher>(x);
}

c10::intrusive_ptr<TokenRun>
launchedRun(at::TensorList weights, at::TensorList keys, at::TensorList values, double epsilon) {
    const c10::cuda::CUDAGuard guard(weights[0].device());
    return c10::make_intrusive<LayersRun>(onStreamOf, weights, keys, values, epsilon);
}

c10::intrusive_ptr<TokenRun> launchedMixtureRun(at::TensorList weights,
                                                at::TensorList experts,
                                                at::TensorList keys,
                                                at::TensorList values,
                                                std::int64_t perToken,
                                                std::int64_t headDim,
                                                std::int64_t loops,
                                                double epsilon) {
    const c10::cuda::CUDAGuard guard(weights[0].device());
    return c10::make_intrusive<BlocksRun>(onStreamOf, weights, experts, keys, values,
                                          MixtureShape{perToken, headDim, loops}, epsilon);
}

/// An operator over its first tensor's stream.
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
    m.impl("token_run", launchedRun);
    m.impl("token_mixture_run", launchedMixtureRun);
    m.impl("rotate_halves", kOnStream<&rotateHalves>);
    m.impl("gated", kOnStream<&gated>);
    m.impl("gated_backward", kOnStream<&gatedBackward>);
}

} // namespace depthscope::ops::cuda
