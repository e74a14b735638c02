// SPDX-License-Identifier: MIT
// Decoding several sequences together: one token of each, each at its own position and at its own
// recursion. Layers and head are products over all of them; attention, cache and routing are each
// sequence's own. On the CPU, in fp32 and bfloat16, a token's states are to the last bit those of
// LanguageModel::run over this token alone, unless the layers have biases or the KV policy is
// hybrid: there products are summed in another order. Engine thread. Letters: S sequences, D width,
// V vocabulary.
#pragma once

#include "engine/models/language_model.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace depthscope::models {

/// A sequence, and how far its newest token is. Only BatchedDecoder changes what is below the line.
struct Sequence {
    explicit Sequence(nn::KvCache ownCache)
        : cache(std::move(ownCache)) {}

    nn::KvCache cache;       ///< one row
    std::int64_t length = 0; ///< tokens in the cache
    std::int32_t id = 0;     ///< the token to decode next

    // ---- of the token that is being decoded
    at::Tensor position; // [1, 1] int64
    nn::Rotary rotary;   // [1, 1, E/2]
    at::Tensor x;        // [1, 1, D]
    at::Tensor packed;   // token-choice: what the recursions make of x
    at::Tensor gate;     // [1, 1] of the recursion ahead; token-choice: of the last one
    int last = 0;        // token-choice: the recursion after which it leaves
    int depth = 0;       // recursions that it ran
    bool recurs = false; // another one is ahead
};

using Sequences = std::span<Sequence* const>;

class BatchedDecoder {
public:
    /// `model` outlives the decoder; `routing` is resolved for generation. Throws Error{Usage} with
    /// the reason for a model that cannot be decoded like this.
    BatchedDecoder(const LanguageModel& model, spec::ResolvedRouting routing);

    /// Tokens can be at different recursions: there is a block that they share.
    [[nodiscard]] bool recurs() const;

    /// From the token's id to its first recursion. Of a model without a shared block, all layers.
    void begin(Sequences sequences);

    /// One recursion of each, of those that have one ahead.
    void recur(Sequences sequences);

    /// From the last recursion to the logits after the token, [S, V] float on the CPU.
    [[nodiscard]] at::Tensor finish(Sequences sequences);

    /// Time in transformer layers so far, without routing, embedding and head.
    [[nodiscard]] double layerSeconds() const { return m_layerSeconds; }

private:
    /// Tokens that run a layer together.
    struct Together {
        at::Tensor x;
        nn::Rotary rotary;
    };

    [[nodiscard]] static Together together(Sequences sequences, bool packed);
    void
    runLayer(const nn::LayerWeights& layer, Together& tokens, std::span<const nn::KvAccess> kv);
    void runOwnLayer(const nn::LayerWeights& layer,
                     Together& tokens,
                     Sequences sequences,
                     std::int64_t index);
    void runBlockLayer(Together& tokens, Sequences sequences, std::int64_t j, int repeated);
    void recurTogether(Sequences sequences);
    void route(Sequences sequences, int r);
    void leaveRecursion(Sequences sequences, const at::Tensor& made);
    [[nodiscard]] bool choosesDepth() const;

    const LanguageModel& m_model;
    spec::ResolvedRouting m_routing;
    at::Tensor m_frequencies;     ///< of the rotary positions, [E/2]
    std::vector<int> m_weightsOf; ///< of recursion r: the first one with the same weights
    double m_layerSeconds = 0;
};

} // namespace depthscope::models
