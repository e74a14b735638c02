// SPDX-License-Identifier: MIT
// What a body's Thread is on a GPU (block.h), and how kernels are launched.
#pragma once

#include "engine/ops/cuda/block.h"

#include <cuda_runtime_api.h>

namespace depthscope::ops::cuda {

struct DeviceThread {
    __device__ __forceinline__ int block() const { return static_cast<int>(blockIdx.x); }

    __device__ __forceinline__ int blocks() const { return static_cast<int>(gridDim.x); }

    __device__ __forceinline__ int slot() const { return static_cast<int>(blockIdx.y); }

    __device__ __forceinline__ int index() const { return static_cast<int>(threadIdx.x); }

    __device__ __forceinline__ int count() const { return static_cast<int>(blockDim.x); }

    __device__ __forceinline__ void sync() const { __syncthreads(); }

    __device__ __forceinline__ float across(float value, int mask) const {
        return __shfl_xor_sync(0xFFFFFFFFU, value, mask);
    }

    __device__ __forceinline__ float* shared() const {
        extern __shared__ float floats[];
        return floats;
    }
};

template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...),
                   const Grid& grid,
                   cudaStream_t stream,
                   const Arguments&... arguments) {
    kernel<<<dim3(grid.blocks, grid.slots), grid.threads, grid.sharedBytes, stream>>>(arguments...);
    return cudaGetLastError();
}

} // namespace depthscope::ops::cuda
