// SPDX-License-Identifier: MIT
// Decoding one token at a time, where ATen's overhead per call and its matrix-vector product
// dominate: a decoder layer in two calls, a MORE mixture in one. A layer and the head take one
// token of each of several sequences, too; on the CPU what comes of a token is then, to the last
// bit, what comes of it alone. Each goes through the dispatcher: ATen reference everywhere, our
// kernels on the CPU (fp32 and bfloat16 weights, fp32 sums). None has a gradient: they throw
// c10::Error when one is asked for. Engine thread. Letters: S sequences, D width, H heads, G
// key-value heads, E head_dim, F feed-forward width, C cache capacity, M experts, k experts of a
// token, N loops.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <tuple>

namespace depthscope::ops {

/// Elements of weights, or of keys and values, that a thread must have before another is woken for
/// one token: waking costs microseconds.
inline constexpr std::int64_t kTokenGrain = 256 * 1024;

/// What a token attends to, of its own sequence.
struct TokenEntries {
    at::Tensor keys;      // [1, G, C, E]
    at::Tensor values;    // [1, G, C, E]
    std::int64_t entries; // the first of them are attended to
    bool append;          // the token's own key and value are written as the last of these
};

/// x + o · softmax(q · keys / sqrt(E)) · values over norm(x), queries and keys rotated, each key
/// head serving H/G query heads (docs/routing.md 2.1). x [S, 1, D].
struct TokenAttention {
    const at::Tensor& gain;                // [D]
    const at::Tensor& q;                   // [H·E, D]
    const at::Tensor& k;                   // [G·E, D]
    const at::Tensor& v;                   // [G·E, D]
    const at::Tensor& o;                   // [D, H·E]
    const at::Tensor& cosine;              // [S, 1, E/2]
    const at::Tensor& sine;                // [S, 1, E/2]
    std::span<const TokenEntries> entries; // S
    double epsilon;
};

[[nodiscard]] at::Tensor tokenAttention(const at::Tensor& x, const TokenAttention& layer);

/// x + down(silu(gate(h)) · up(h)), h = norm(x). x [S, 1, D].
struct TokenFeedForward {
    const at::Tensor& gain; // [D]
    const at::Tensor& gate; // [F, D]
    const at::Tensor& up;   // [F, D]
    const at::Tensor& down; // [D, F]
    double epsilon;
};

[[nodiscard]] at::Tensor tokenFeedForward(const at::Tensor& x, const TokenFeedForward& layer);

/// x + the weighted sum of the k heaviest recursive experts of norm(x) (docs/routing.md 1.2).
struct TokenMixture {
    const at::Tensor& gain;   // [D]
    const at::Tensor& router; // [M, D]
    /// Of each expert in turn: attentionNorm [D], v [G·E, D], o [D, H·E], ffnNorm [D], gate [F, D],
    /// up [F, D], down [D, F], steps [N, D], outNorm [D].
    std::span<const at::Tensor> experts;
    std::int64_t perToken; // k
    std::int64_t headDim;
    std::int64_t loops;
    double epsilon;
};

/// How many tensors make an expert.
inline constexpr std::size_t kTokenExpertParts = 9;

/// x [1, 1, D] -> x and mixture [1, 1, D], experts [1, 1, k] int64 (the heaviest first, the lowest
/// index first among equals), their weights [1, 1, k], which sum to 1.
[[nodiscard]] std::tuple<at::Tensor, at::Tensor, at::Tensor>
tokenMixture(const at::Tensor& x, const TokenMixture& layer);

/// weight · norm(x). x [S, 1, D], weight [V, D] -> [S, 1, V].
[[nodiscard]] at::Tensor
tokenHead(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& weight, double epsilon);

} // namespace depthscope::ops
