// SPDX-License-Identifier: MIT
// Attention in which each query reads a short list of keys: a column through time, a frame, a
// neighbourhood (docs/video_models.md). Goes through the dispatcher: a mask over all keys
// everywhere, on the CPU a kernel that computes no pair that is not listed. Static shapes and no
// wait for the device. Engine thread; errors are c10::Error. Letters: B batch, H heads, Q queries,
// S keys, E head width, L lists, W longest list.
#pragma once

#include <ATen/core/Tensor.h>

namespace depthscope::ops {

/// Which keys belong to a list, made once for a layout.
struct KeyLists {
    at::Tensor entries; ///< [L, W] int32, numbers of keys, each once in a list; 0 past its end
    at::Tensor lengths; ///< [L] int32, at least 1
};

/// softmax(q · k / sqrt(E)) · v over the keys of the query's list. q [B, H, Q, E], k and v
/// [B, H, S, E] of one dtype, rows [B, Q] int64 in 0..L-1: the list of each query. -> [B, Q, H·E].
/// Differentiable in q, k and v.
[[nodiscard]] at::Tensor listedAttention(const at::Tensor& q,
                                         const at::Tensor& k,
                                         const at::Tensor& v,
                                         const KeyLists& lists,
                                         const at::Tensor& rows);

/// [L, S] bool: which of S keys each list has.
[[nodiscard]] at::Tensor maskOf(const KeyLists& lists, std::int64_t keys);

} // namespace depthscope::ops
