// SPDX-License-Identifier: MIT
// The layers of a Llama block as functions of tensors: norm, rotary positions, attention, SwiGLU
// (routing.md 2.1). Letters: B batch, K tokens at hand, D width, H heads, G key-value heads, E
// head_dim, F feed-forward width. Engine thread; gradients flow where grad mode is on. Faults are
// c10::Error.
#pragma once

#include "engine/nn/kv_cache.h"
#include "engine/nn/rope_scaling.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace depthscope::nn {

/// Weights of one decoder layer. Tensors may share storage with another recursion's.
struct LayerWeights {
    at::Tensor inputNorm; // [D]
    at::Tensor q;         // [H·E, D]
    at::Tensor k;         // [G·E, D]
    at::Tensor v;         // [G·E, D]
    at::Tensor o;         // [D, H·E]
    at::Tensor postNorm;  // [D]
    at::Tensor gate;      // [F, D]
    at::Tensor up;        // [F, D]
    at::Tensor down;      // [D, F]
    // Biases as long as their matrix's rows; undefined where the model has none.
    at::Tensor qBias;
    at::Tensor kBias;
    at::Tensor vBias;
    at::Tensor oBias;
    at::Tensor gateBias;
    at::Tensor upBias;
    at::Tensor downBias;

    /// visitor(suffix, tensor) in checkpoint order; the suffixes are those of Hugging Face's Llama.
    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        visitor("input_layernorm.weight", self.inputNorm);
        visitor("self_attn.q_proj.weight", self.q);
        visitor("self_attn.q_proj.bias", self.qBias);
        visitor("self_attn.k_proj.weight", self.k);
        visitor("self_attn.k_proj.bias", self.kBias);
        visitor("self_attn.v_proj.weight", self.v);
        visitor("self_attn.v_proj.bias", self.vBias);
        visitor("self_attn.o_proj.weight", self.o);
        visitor("self_attn.o_proj.bias", self.oBias);
        visitor("post_attention_layernorm.weight", self.postNorm);
        visitor("mlp.gate_proj.weight", self.gate);
        visitor("mlp.gate_proj.bias", self.gateBias);
        visitor("mlp.up_proj.weight", self.up);
        visitor("mlp.up_proj.bias", self.upBias);
        visitor("mlp.down_proj.weight", self.down);
        visitor("mlp.down_proj.bias", self.downBias);
    }
};

struct LayerShape {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    double epsilon = 1e-5;
};

/// cos and sin of the rotary angles of some positions; fp32 computed, stored in the model's dtype.
struct Rotary {
    at::Tensor cosine; // [B, K, E/2]
    at::Tensor sine;   // [B, K, E/2]
};

/// One token, float or bfloat16, without a gradient: what the fused operators serve (ops/token.h).
/// Other types and batches go the long way. x [B, K, D].
[[nodiscard]] bool isToken(const at::Tensor& x);

/// x · rsqrt(mean(x²) + ε) · gain, statistics in fp32. x [.., D].
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& gain, double epsilon);

/// theta^(-2i/E) for i < E/2, scaled. [E/2] float, on the CPU.
[[nodiscard]] at::Tensor
rotaryFrequencies(std::int64_t headDim, double theta, const RopeScaling& scaling = {});

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

/// Which keys and values a layer attends to, and who keeps those that it makes (routing.md 3.7).
struct KvUse {
    KvSlot* slot = nullptr;     ///< grows by the tokens at hand, which attend to all of it
    KeysValues* made = nullptr; ///< receives what the layer makes, for others to share
    /// Attend to these, entry s at position s, instead of making any; with `refresh`, over which
    /// the entries of the tokens at hand (and of the slot) are laid.
    const KeysValues* given = nullptr;
    bool refresh = false;
    bool lastOnly = false; ///< every row's only token is the last of what is given: no mask
    at::Tensor positions;  ///< [B, K] int64 of the tokens at hand
    std::span<const std::int64_t> counts{}; ///< valid tokens of each row; empty: all K
};

/// x + attention(norm(x)), the first half of a decoder layer. x [B, K, D] -> [B, K, D]. Tokens are
/// in ascending position order; a token attends to itself and to what is before it.
[[nodiscard]] at::Tensor attentionHalf(const LayerWeights& weights,
                                       const LayerShape& shape,
                                       const Rotary& rotary,
                                       const at::Tensor& x,
                                       const KvUse& kv);

/// down(silu(gate(x)) · up(x)). x [.., D].
[[nodiscard]] at::Tensor
swiglu(const at::Tensor& x, const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down);

/// One pre-norm decoder layer, residuals included: x [B, K, D] -> [B, K, D].
[[nodiscard]] at::Tensor decoderLayer(const LayerWeights& weights,
                                      const LayerShape& shape,
                                      const Rotary& rotary,
                                      const at::Tensor& x,
                                      const KvUse& kv);

/// [B, width] true for the first counts[b] columns; undefined where counts is empty.
[[nodiscard]] at::Tensor
validColumns(std::span<const std::int64_t> counts, std::int64_t width, const at::Tensor& like);

} // namespace depthscope::nn
