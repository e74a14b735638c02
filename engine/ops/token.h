// SPDX-License-Identifier: MIT
// Decoding one token at a time, where ATen's cost per call and its matrix-vector product stand in
// the way: a decoder layer in four calls, a MORE expert in one. Each goes through the dispatcher:
// ATen reference everywhere, our kernels on the CPU (fp32 and bfloat16 weights, fp32 sums). None
// has a gradient: they throw c10::Error when one is asked for. Engine thread. Letters: D width, H
// heads, G key-value heads, E head_dim, F feed-forward width, S cached entries, N loops.
#pragma once

#include <ATen/core/Tensor.h>

#include <tuple>

namespace depthscope::ops {

/// x · rsqrt(mean(x²) + ε) · gain, statistics in fp32 (fp64 for fp64). x [.., D]; any shape, with
/// gradient: plain ATen.
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon);

/// Queries, keys and values of norm(x), queries and keys rotated (routing.md 2.1). x [1, 1, D];
/// cosine, sine [1, 1, E/2] -> [1, H, 1, E], [1, G, 1, E], [1, G, 1, E].
struct TokenProjection {
    const at::Tensor& gain; // [D]
    const at::Tensor& q;    // [H·E, D]
    const at::Tensor& k;    // [G·E, D]
    const at::Tensor& v;    // [G·E, D]
    const at::Tensor& cosine;
    const at::Tensor& sine;
    double epsilon;
};

[[nodiscard]] std::tuple<at::Tensor, at::Tensor, at::Tensor>
tokenProject(const at::Tensor& x, const TokenProjection& projection);

/// softmax(q · keys / sqrt(E)) · values, each key head serving H/G query heads. q [B, H, 1, E],
/// keys and values [B, G, S, E] -> [B, 1, H·E]. Our kernel: B = 1.
[[nodiscard]] at::Tensor
tokenAttend(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values);

/// residual + weight · x. x [1, 1, M], weight [D, M].
[[nodiscard]] at::Tensor
tokenLinearAdd(const at::Tensor& residual, const at::Tensor& x, const at::Tensor& weight);

/// weight · x. x [1, 1, D], weight [V, D] -> [1, 1, V].
[[nodiscard]] at::Tensor tokenLinear(const at::Tensor& x, const at::Tensor& weight);

/// x + down(silu(gate(h)) · up(h)), h = norm(x). x [1, 1, D].
struct TokenFeedForward {
    const at::Tensor& gain; // [D]
    const at::Tensor& gate; // [F, D]
    const at::Tensor& up;   // [F, D]
    const at::Tensor& down; // [D, F]
    double epsilon;
};

[[nodiscard]] at::Tensor tokenFeedForward(const at::Tensor& x, const TokenFeedForward& layer);

/// One recursive expert of MORE over one token (routing.md 1.2). h [1, D] -> [1, D].
struct TokenExpert {
    const at::Tensor& attentionNorm; // [D]
    const at::Tensor& v;             // [G·E, D]
    const at::Tensor& o;             // [D, H·E]
    const at::Tensor& ffnNorm;       // [D]
    const at::Tensor& gate;          // [F, D]
    const at::Tensor& up;            // [F, D]
    const at::Tensor& down;          // [D, F]
    const at::Tensor& steps;         // [N, D]
    const at::Tensor& outNorm;       // [D]
    std::int64_t headDim;
    std::int64_t loops;
    double epsilon;
};

[[nodiscard]] at::Tensor tokenExpert(const at::Tensor& h, const TokenExpert& expert);

} // namespace depthscope::ops
