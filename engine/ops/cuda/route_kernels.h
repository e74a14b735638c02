// SPDX-License-Identifier: MIT
// Launchers of the routing kernels on raw device pointers, so that the .cu file sees no LibTorch.
// Called from route_cuda.cpp, which has checked shapes, dtypes and contiguity. They return the
// launch's error. Letters: B batch, N tokens, k chosen, D width.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace depthscope::ops::cuda {

enum class Kind : std::uint8_t { Float, Double, Half, BFloat16 };

/// scores [B, N] -> positions [B, k], ascending; `marks` [B, N] is scratch.
cudaError_t launchTopk(Kind kind,
                       const void* scores,
                       std::uint8_t* marks,
                       std::int64_t* positions,
                       std::int64_t B,
                       std::int64_t N,
                       std::int64_t k,
                       cudaStream_t stream);

/// x [B, N, D], positions [B, k] -> out [B, k, D].
cudaError_t launchGather(Kind kind,
                         const void* x,
                         const std::int64_t* positions,
                         void* out,
                         std::int64_t B,
                         std::int64_t N,
                         std::int64_t k,
                         std::int64_t D,
                         cudaStream_t stream);

/// y [B, N, D] += gate [B, k] · h [B, k, D] at the positions; rows whose gate is 0 are not touched.
cudaError_t launchScatter(Kind kind,
                          void* y,
                          const std::int64_t* positions,
                          const void* h,
                          const void* gate,
                          std::int64_t B,
                          std::int64_t N,
                          std::int64_t k,
                          std::int64_t D,
                          cudaStream_t stream);

} // namespace depthscope::ops::cuda
