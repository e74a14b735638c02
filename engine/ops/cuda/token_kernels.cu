// SPDX-License-Identifier: MIT
// The bodies over single tokens as kernels, and which instance runs.
#include "engine/ops/cuda/body_kernels.h"
#include "engine/ops/cuda/device_thread.cuh"

namespace depthscope::ops::cuda {

namespace {

constexpr int kRowThreads = 128;
constexpr int kMostThreads = 512;

template <class T, bool Wide, bool Typed>
__global__ void __launch_bounds__(kRowThreads) rows_kernel(const __grid_constant__ RowsArgs args) {
    DeviceThread thread;
    rowsBody<T, Wide, Typed>(thread, args);
}

template <class T, bool Wide>
__global__ void __launch_bounds__(kRowThreads)
    expert_rows_kernel(const __grid_constant__ RowsArgs args, const ExpertParts parts) {
    DeviceThread thread;
    expertRowsBody<T, Wide>(thread, args, parts);
}

template <class T, int Own>
__global__ void __launch_bounds__(kMostThreads)
    attention_kernel(const __grid_constant__ AttentionArgs args) {
    DeviceThread thread;
    attentionBody<T, Own>(thread, args);
}

template <class T>
__global__ void choice_kernel(const ChoiceArgs args, const __grid_constant__ ExpertTable table) {
    DeviceThread thread;
    choiceBody<T>(thread, args, table);
}

template <class T>
__global__ void mixing_kernel(const MixingArgs args) {
    DeviceThread thread;
    mixingBody<T>(thread, args);
}

__global__ void stage_kernel(const StageArgs args) {
    DeviceThread thread;
    stageBody(thread, args);
}

template <class T, int Own>
cudaError_t attend(const Grid& grid, const AttentionArgs& args, cudaStream_t stream) {
    return launch(attention_kernel<T, Own>, grid, stream, args);
}

template <class T>
cudaError_t attendAny(const Grid& grid, const AttentionArgs& args, cudaStream_t stream) {
    if (args.headDim <= 2 * kWarp) {
        return attend<T, 2>(grid, args, stream);
    }
    return args.headDim <= 4 * kWarp ? attend<T, 4>(grid, args, stream)
                                     : attend<T, 8>(grid, args, stream);
}

template <class T, bool Wide>
cudaError_t rowsAny(const Grid& grid, const RowsArgs& args, cudaStream_t stream) {
    return args.input.typed != nullptr ? launch(rows_kernel<T, Wide, true>, grid, stream, args)
                                       : launch(rows_kernel<T, Wide, false>, grid, stream, args);
}

} // namespace

cudaError_t launchRows(const Grid& grid, Form form, const RowsArgs& args, cudaStream_t stream) {
    if (form.brain) {
        return form.wide ? rowsAny<Brain, true>(grid, args, stream)
                         : rowsAny<Brain, false>(grid, args, stream);
    }
    return form.wide ? rowsAny<float, true>(grid, args, stream)
                     : rowsAny<float, false>(grid, args, stream);
}

cudaError_t launchExpertRows(const Grid& grid,
                             Form form,
                             const RowsArgs& args,
                             const ExpertParts& parts,
                             cudaStream_t stream) {
    if (form.brain) {
        return form.wide ? launch(expert_rows_kernel<Brain, true>, grid, stream, args, parts)
                         : launch(expert_rows_kernel<Brain, false>, grid, stream, args, parts);
    }
    return form.wide ? launch(expert_rows_kernel<float, true>, grid, stream, args, parts)
                     : launch(expert_rows_kernel<float, false>, grid, stream, args, parts);
}

cudaError_t
launchAttention(const Grid& grid, Form form, const AttentionArgs& args, cudaStream_t stream) {
    return form.brain ? attendAny<Brain>(grid, args, stream) : attendAny<float>(grid, args, stream);
}

cudaError_t launchChoice(const Grid& grid,
                         Form form,
                         const ChoiceArgs& args,
                         const ExpertTable& table,
                         cudaStream_t stream) {
    return form.brain ? launch(choice_kernel<Brain>, grid, stream, args, table)
                      : launch(choice_kernel<float>, grid, stream, args, table);
}

cudaError_t launchMixing(const Grid& grid, Form form, const MixingArgs& args, cudaStream_t stream) {
    return form.brain ? launch(mixing_kernel<Brain>, grid, stream, args)
                      : launch(mixing_kernel<float>, grid, stream, args);
}

cudaError_t launchStage(const Grid& grid, const StageArgs& args, cudaStream_t stream) {
    return launch(stage_kernel, grid, stream, args);
}

} // namespace depthscope::ops::cuda
