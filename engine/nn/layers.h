// SPDX-License-Identifier: MIT
// The layers of a Llama block as functions of tensors: norm, rotary positions, attention, SwiGLU
// (docs/routing.md 2.1). Letters: B batch, K current tokens, D width, H heads, G key-value heads, E
// head_dim, F feed-forward width. Engine thread; gradients flow where grad mode is on. Faults are
// c10::Error.
#pragma once

#include "engine/nn/kv_cache.h"
#include "engine/spec/language_weights.h"
#include "engine/spec/rope_scaling.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace depthscope::nn {

using LayerWeights = spec::LayerWeights<at::Tensor>;

struct LayerShape {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    double epsilon = 1e-5;
    bool turnsPairs =
        false;             ///< rotary positions: element 2i turns with 2i + 1; else i with i + E/2
    bool normsSum = false; ///< what stands behind a part norms the states with it; else it alone
};

/// cos and sin of the rotary angles of some positions; fp32 computed, stored in the model's dtype.
struct Rotary {
    at::Tensor cosine; // [B, K, E/2]
    at::Tensor sine;   // [B, K, E/2]
};

/// One token, float or bfloat16, without a gradient: what the fused operators serve (ops/token.h).
/// Other types and batches use the general path. x [B, K, D].
[[nodiscard]] bool isToken(const at::Tensor& x);

/// x · rsqrt(mean(x²) + ε) · gain, statistics in fp32. x [.., D].
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon);

/// theta^(-2i/E) for i < E/2, scaled. [E/2] float, on the CPU.
[[nodiscard]] at::Tensor
rotaryFrequencies(std::int64_t headDim, double theta, const spec::RopeScaling& scaling = {});

/// Of the angles position · frequency. positions [B, K] int64; frequencies [E/2] on their device.
[[nodiscard]] Rotary
rotary(const at::Tensor& positions, const at::Tensor& frequencies, at::ScalarType dtype);

/// Rotate-half layout: element i turns with i + E/2. x [B, heads, K, E].
[[nodiscard]] at::Tensor rotate(const at::Tensor& x, const Rotary& rotary);

/// Keys (rotated) and values of some tokens, [B, G, S, E] each.
struct KeysValues {
    at::Tensor keys;
    at::Tensor values;
};

/// Which keys and values a layer attends to, and who keeps those that it makes
/// (docs/routing.md 3.7).
struct KvAccess {
    KvSlot* slot = nullptr;     ///< grows by the current tokens, which attend to all of it
    KeysValues* made = nullptr; ///< receives what the layer makes, for others to share
    /// Attend to these, entry s at position s, instead of making any; with `refresh`, over which
    /// the entries of the tokens at hand (and of the slot) are laid.
    const KeysValues* given = nullptr;
    bool refresh = false;
    /// Attend to these too, of tokens that the slot lacks, at `olderPositions` [1, S]; one row.
    const KeysValues* older = nullptr;
    at::Tensor olderPositions{};
    bool lastOnly = false; ///< every row's only token is the last of what is given: no mask
    at::Tensor positions;  ///< [B, K] int64 of the current tokens
    std::span<const std::int64_t> counts{}; ///< valid tokens of each row; empty: all K
};

/// x + attention(norm(x)), the first half of a decoder layer; of looped models x +
/// norm(attention(norm(x))) or norm(x + attention(norm(x))). x [B, K, D] -> [B, K, D]. Tokens are
/// in ascending position order; a token attends to itself and to what is before it.
[[nodiscard]] at::Tensor attentionHalf(const LayerWeights& weights,
                                       const LayerShape& shape,
                                       const Rotary& rotary,
                                       const at::Tensor& x,
                                       const KvAccess& kv);

/// down(silu(gate(x)) · up(x)). x [.., D].
[[nodiscard]] at::Tensor
swiglu(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down);

/// One pre-norm decoder layer (looped models: norms on both sides), residuals included: x [B, K, D]
/// -> [B, K, D].
[[nodiscard]] at::Tensor decoderLayer(const LayerWeights& weights,
                                      const LayerShape& shape,
                                      const Rotary& rotary,
                                      const at::Tensor& x,
                                      const KvAccess& kv);

/// [B, width] true for the first counts[b] columns; undefined where counts is empty.
[[nodiscard]] at::Tensor
validColumns(std::span<const std::int64_t> counts, std::int64_t width, const at::Tensor& like);

} // namespace depthscope::nn
