// SPDX-License-Identifier: MIT
// Routing kernels, version 1.
// topk: each token counts how many beat it (a larger score, or an equal one further left); fewer
// than k means it is
//   kept. That is N comparisons a token without a sort, and ties need no extra rule. Then one block
//   a row turns the marks into ascending positions by a scan. Rows of some thousands of tokens cost
//   microseconds.
// gather, scatter: a thread an element, consecutive threads along D, so that reads and writes are
// coalesced.
#include "engine/ops/cuda/route_kernels.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

namespace depthscope::ops::cuda {

namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMaxBlocks = 65535;

template <class T>
__device__ float widen(T value) {
    return static_cast<float>(value);
}

__device__ double widen(double value) {
    return value;
}

template <class T>
__global__ void topk_mark_kernel(const T* scores,
                                 std::uint8_t* marks,
                                 std::int64_t B,
                                 std::int64_t N,
                                 std::int64_t k) {
    const std::int64_t all = B * N;
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < all;
         i += stride) {
        const T* row = scores + i / N * N;
        const std::int64_t own = i % N;
        const auto mine = widen(row[own]);
        std::int64_t better = 0;
        for (std::int64_t j = 0; j < N && better < k; ++j) {
            const auto other = widen(row[j]);
            better += other > mine || (other == mine && j < own) ? 1 : 0;
        }
        marks[i] = better < k ? 1 : 0;
    }
}

__global__ void topk_compact_kernel(const std::uint8_t* marks,
                                    std::int64_t* positions,
                                    std::int64_t N,
                                    std::int64_t k) {
    __shared__ std::int64_t counts[kThreads];
    const std::uint8_t* row = marks + blockIdx.x * N;
    std::int64_t* out = positions + blockIdx.x * k;
    const std::int64_t share = (N + kThreads - 1) / kThreads;
    const std::int64_t begin = min(N, static_cast<std::int64_t>(threadIdx.x) * share);
    const std::int64_t end = min(N, begin + share);
    std::int64_t count = 0;
    for (std::int64_t i = begin; i < end; ++i) {
        count += row[i];
    }
    counts[threadIdx.x] = count;
    __syncthreads();
    std::int64_t next = 0;
    for (int t = 0; t < static_cast<int>(threadIdx.x); ++t) {
        next += counts[t];
    }
    for (std::int64_t i = begin; i < end; ++i) {
        if (row[i] != 0 && next < k) {
            out[next++] = i;
        }
    }
}

template <class T>
__global__ void gather_kernel(const T* x,
                              const std::int64_t* positions,
                              T* out,
                              std::int64_t B,
                              std::int64_t N,
                              std::int64_t k,
                              std::int64_t D) {
    const std::int64_t all = B * k * D;
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < all;
         i += stride) {
        const std::int64_t row = i / D;
        out[i] = x[(row / k * N + positions[row]) * D + i % D];
    }
}

template <class T>
__global__ void scatter_kernel(T* y,
                               const std::int64_t* positions,
                               const T* h,
                               const T* gate,
                               std::int64_t B,
                               std::int64_t N,
                               std::int64_t k,
                               std::int64_t D) {
    const std::int64_t all = B * k * D;
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < all;
         i += stride) {
        const std::int64_t row = i / D;
        const auto weight = widen(gate[row]);
        if (weight == 0) {
            continue; // pads share a position with a token; writing would race with it
        }
        T* target = y + (row / k * N + positions[row]) * D + i % D;
        *target = static_cast<T>(widen(*target) + weight * widen(h[i]));
    }
}

unsigned blocksFor(std::int64_t elements) {
    const std::int64_t blocks = (elements + kThreads - 1) / kThreads;
    return static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks);
}

template <class Launch>
cudaError_t withType(Kind kind, Launch launch) {
    switch (kind) {
    case Kind::Float:
        launch(float{});
        break;
    case Kind::Double:
        launch(double{});
        break;
    case Kind::Half:
        launch(__half{});
        break;
    case Kind::BFloat16:
        launch(__nv_bfloat16{});
        break;
    }
    return cudaGetLastError();
}

} // namespace

cudaError_t launchTopk(Kind kind,
                       const void* scores,
                       std::uint8_t* marks,
                       std::int64_t* positions,
                       std::int64_t B,
                       std::int64_t N,
                       std::int64_t k,
                       cudaStream_t stream) {
    return withType(kind, [&](auto type) {
        using T = decltype(type);
        topk_mark_kernel<T><<<blocksFor(B * N), kThreads, 0, stream>>>(
            static_cast<const T*>(scores), marks, B, N, k);
        topk_compact_kernel<<<static_cast<unsigned>(B), kThreads, 0, stream>>>(marks, positions, N,
                                                                               k);
    });
}

cudaError_t launchGather(Kind kind,
                         const void* x,
                         const std::int64_t* positions,
                         void* out,
                         std::int64_t B,
                         std::int64_t N,
                         std::int64_t k,
                         std::int64_t D,
                         cudaStream_t stream) {
    return withType(kind, [&](auto type) {
        using T = decltype(type);
        gather_kernel<T><<<blocksFor(B * k * D), kThreads, 0, stream>>>(
            static_cast<const T*>(x), positions, static_cast<T*>(out), B, N, k, D);
    });
}

cudaError_t launchScatter(Kind kind,
                          void* y,
                          const std::int64_t* positions,
                          const void* h,
                          const void* gate,
                          std::int64_t B,
                          std::int64_t N,
                          std::int64_t k,
                          std::int64_t D,
                          cudaStream_t stream) {
    return withType(kind, [&](auto type) {
        using T = decltype(type);
        scatter_kernel<T><<<blocksFor(B * k * D), kThreads, 0, stream>>>(
            static_cast<T*>(y), positions, static_cast<const T*>(h), static_cast<const T*>(gate), B,
            N, k, D);
    });
}

} // namespace depthscope::ops::cuda
