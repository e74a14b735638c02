// SPDX-License-Identifier: MIT
// The tensors of a language model by name and shape, without saying what a tensor is: T is
// at::Tensor in the engine and Undrawn where only names and sizes count (docs/routing.md 3.10,
// 1.4). Letters: V vocabulary, D width, H query heads, G key-value heads, E head width, F
// feed-forward width, R recursions, b block layers, N loops of an expert. Values; any thread.
#pragma once

#include "engine/spec/language_spec.h"
#include "engine/spec/model_info.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace depthscope::spec {

/// Suffixes of the norms that only looped models have.
inline constexpr const char* kAttentionOutNorm = "input_layernorm_2.weight";
inline constexpr const char* kFeedForwardOutNorm = "post_attention_layernorm_2.weight";

/// Weights of one decoder layer. Tensors may share storage with another recursion's.
template <class T>
struct LayerWeights {
    T inputNorm; // [D]
    T q;         // [H·E, D]
    T k;         // [G·E, D]
    T v;         // [G·E, D]
    T o;         // [D, H·E]
    T postNorm;  // [D]
    T gate;      // [F, D]
    T up;        // [F, D]
    T down;      // [D, F]
    // Biases as long as their matrix's rows; undefined where the model has none.
    T qBias;
    T kBias;
    T vBias;
    T oBias;
    T gateBias;
    T upBias;
    T downBias;
    // Norms behind attention and feed-forward, of looped models; else undefined.
    T attentionOutNorm;   // [D]
    T feedForwardOutNorm; // [D]
    // Huginn's, in the place of q, k, v, gate and up.
    T qkv;    // [3·H·E, D]
    T qkBias; // [2, 1, H, E], of queries and keys; undefined where there is none
    T gateUp; // [2·F, D]

    /// visitor(suffix, tensor) in checkpoint order; the suffixes are those of Hugging Face's Llama.
    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        visitor("input_layernorm.weight", self.inputNorm);
        visitor(kAttentionOutNorm, self.attentionOutNorm);
        visitor("self_attn.q_proj.weight", self.q);
        visitor("self_attn.q_proj.bias", self.qBias);
        visitor("self_attn.k_proj.weight", self.k);
        visitor("self_attn.k_proj.bias", self.kBias);
        visitor("self_attn.v_proj.weight", self.v);
        visitor("self_attn.v_proj.bias", self.vBias);
        visitor("self_attn.o_proj.weight", self.o);
        visitor("self_attn.o_proj.bias", self.oBias);
        visitor("post_attention_layernorm.weight", self.postNorm);
        visitor(kFeedForwardOutNorm, self.feedForwardOutNorm);
        visitor("mlp.gate_proj.weight", self.gate);
        visitor("mlp.gate_proj.bias", self.gateBias);
        visitor("mlp.up_proj.weight", self.up);
        visitor("mlp.up_proj.bias", self.upBias);
        visitor("mlp.down_proj.weight", self.down);
        visitor("mlp.down_proj.bias", self.downBias);
    }
};

/// One expert. Its attention sees one token at a time, so it is exactly W_o · W_v; q and k have no
/// effect and are kept for checkpoints (docs/routing.md 0, trap 1).
template <class T>
struct RecursiveExpert {
    T attentionNorm; // [D]
    T q;             // [H·E, D] unused
    T k;             // [G·E, D] unused
    T v;             // [G·E, D]
    T o;             // [D, H·E]
    T ffnNorm;       // [D]
    T gate;          // [F, D]
    T up;            // [F, D]
    T down;          // [D, F]
    T steps;         // [N, D] step embeddings
    T outNorm;       // [D]
};

template <class T>
struct MoreBlock {
    LayerWeights<T> attention; // its first half: inputNorm, q, k, v, o
    T moreNorm;                // [D]
    T router;                  // [experts, D]
    std::vector<RecursiveExpert<T>> experts;
};

/// All tensors of a language model.
template <class T>
struct LanguageWeights {
    T embedding;                         // [V, D]
    std::vector<LayerWeights<T>> before; // llama: all layers; Middle-Cycle: the first; prelude
    /// [R][b]; recursions share storage. Huginn: [1][b].
    std::vector<std::vector<LayerWeights<T>>> block;
    std::vector<LayerWeights<T>> after;     // Middle-Cycle: the last; coda
    std::vector<std::vector<T>> routers;    // expert: [R]; token: [1]; one matrix, two for an MLP
    std::vector<std::vector<T>> auxRouters; // as routers, where trained with one
    std::vector<MoreBlock<T>> fractal;      // MORE: [L]
    T routerBias;                           // [R] or undefined; token-choice, loss-free balancing
    T exitGate;                             // [1, D] of looped models
    T exitBias;                             // [1]
    T adapter;                              // [D, 2·D] of Huginn: from state and input
    T norm;                                 // [D]
    T head;                                 // [V, D]; the embedding itself where tied
};

/// One declared tensor: its key, its shape, and the key whose storage it shares when shared (or
/// "").
struct WeightSlot {
    std::string key;
    std::vector<std::int64_t> shape;
    std::string sharedWith;
    std::string part; ///< for counting: "embedding", "shared block", ...
    bool optional = false;
};

template <class T>
using WeightVisitor = std::function<void(const WeightSlot&, T&)>;

/// Stands where a tensor would.
struct Undrawn {};

/// Hidden width of the router's MLP; 0 for a linear one (docs/routing.md 3.1).
[[nodiscard]] std::int64_t routerHidden(const LanguageSpec& config);

/// The distinct parameters by part: a shared tensor counts once.
[[nodiscard]] std::vector<ParameterPart> plannedParameters(const LanguageSpec& config);

[[nodiscard]] std::int64_t parameterCount(const std::vector<ParameterPart>& parts);

/// Adds `count` parameters to the part of that name.
void addToPart(std::vector<ParameterPart>& parts,
               const LanguageSpec& config,
               const std::string& name,
               std::int64_t count);

} // namespace depthscope::spec
