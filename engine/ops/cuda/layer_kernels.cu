// SPDX-License-Identifier: MIT
// The bodies over every element as kernels.
#include "engine/ops/cuda/body_kernels.h"
#include "engine/ops/cuda/device_thread.cuh"

namespace depthscope::ops::cuda {

namespace {

template <class X, class Angle, class Out>
__global__ void rotate_kernel(const __grid_constant__ RotateArgs args) {
    DeviceThread thread;
    rotateBody<X, Angle, Out>(thread, args);
}

template <class T>
__global__ void gated_kernel(const GatedArgs args) {
    DeviceThread thread;
    gatedBody<T>(thread, args);
}

} // namespace

cudaError_t
launchRotate(const Grid& grid, Elements elements, const RotateArgs& args, cudaStream_t stream) {
    switch (elements) {
    case Elements::Float:
        return launch(rotate_kernel<float, float, float>, grid, stream, args);
    case Elements::Brain:
        return launch(rotate_kernel<Brain, Brain, Brain>, grid, stream, args);
    case Elements::Double:
        return launch(rotate_kernel<double, double, double>, grid, stream, args);
    case Elements::BrainByFloat:
        return launch(rotate_kernel<Brain, float, float>, grid, stream, args);
    }
    return cudaErrorInvalidValue;
}

cudaError_t
launchGated(const Grid& grid, Elements elements, const GatedArgs& args, cudaStream_t stream) {
    switch (elements) {
    case Elements::Float:
        return launch(gated_kernel<float>, grid, stream, args);
    case Elements::Brain:
        return launch(gated_kernel<Brain>, grid, stream, args);
    case Elements::Double:
        return launch(gated_kernel<double>, grid, stream, args);
    case Elements::BrainByFloat:
        break;
    }
    return cudaErrorInvalidValue;
}

} // namespace depthscope::ops::cuda
