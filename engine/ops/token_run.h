// SPDX-License-Identifier: MIT
// Decoder layers, or blocks of MORE, over one token, one after the other, prepared once and run for
// each token of a sequence: on a GPU one graph instead of five launches a layer. The keys and
// values that it was prepared with must stay where they are. Engine thread; no gradient; faults are
// c10::Error. Letters as in token.h.
#pragma once

#include "engine/ops/token.h"

#include <ATen/core/ivalue.h>

#include <span>
#include <utility>

namespace depthscope::ops {

class TokenRun : public torch::CustomClassHolder {
public:
    /// x [1, 1, D] -> [1, 1, D]; cosine, sine [1, 1, E/2]. In each layer the token's key and value
    /// become the last of the `entries` that it attends to.
    [[nodiscard]] virtual at::Tensor run(const at::Tensor& x,
                                         const at::Tensor& cosine,
                                         const at::Tensor& sine,
                                         std::int64_t entries) = 0;

    /// What the last token's mixtures chose: experts [L, 1, 1, k] int64, the heaviest first, and
    /// their weights. Undefined where the layers have none.
    [[nodiscard]] virtual std::pair<at::Tensor, at::Tensor> chosen() const { return {}; }
};

/// How many tensors make a layer: attention gain, q, k, v, o, feed-forward gain, gate, up, down.
inline constexpr std::size_t kTokenLayerParts = 9;

/// `weights`: kTokenLayerParts of each layer in turn. keys, values: of each layer, [1, G, C, E].
[[nodiscard]] c10::intrusive_ptr<TokenRun> prepareTokenRun(std::span<const at::Tensor> weights,
                                                           std::span<const at::Tensor> keys,
                                                           std::span<const at::Tensor> values,
                                                           double epsilon);

/// How many tensors make a block of MORE besides its experts: attention gain, q, k, v, o, gain of
/// the mixture, router.
inline constexpr std::size_t kTokenBlockParts = 7;

/// Blocks of MORE: attention, then a mixture (TokenMixture).
struct TokenBlocks {
    std::span<const at::Tensor> weights; ///< kTokenBlockParts of each block in turn
    std::span<const at::Tensor> experts; ///< kTokenExpertParts of each expert of each block
    std::span<const at::Tensor> keys;    ///< of each block, [1, G, C, E]
    std::span<const at::Tensor> values;
    std::int64_t perToken, headDim, loops;
    double epsilon;
};

[[nodiscard]] c10::intrusive_ptr<TokenRun> prepareTokenRun(const TokenBlocks& blocks);

} // namespace depthscope::ops
