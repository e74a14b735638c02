// SPDX-License-Identifier: MIT
// The block of a diffusion transformer with adaLN-zero (Peebles and Xie 2023;
// docs/video_models.md):
//   x += alpha1 * attention((1 + gamma1) LN(x) + beta1);  x += alpha2 * mlp((1 + gamma2) LN(x) +
//   beta2)
// over one side of a clip (video_side.h) or over those of its tokens that are active. Engine
// thread; gradients flow where grad mode is on. Letters as in video_side.h; K tokens at hand.
#pragma once

#include "engine/models/video_side.h"
#include "engine/spec/video_weights.h"

#include <ATen/core/Tensor.h>

namespace depthscope::models {

using DitBlock = spec::DitBlockWeights<at::Tensor>;
using VideoWeights = spec::VideoWeights<at::Tensor>;
using PatternWeights = spec::PatternWeights<at::Tensor>;
using ModulationWeights = spec::ModulationWeights<at::Tensor>;
using VideoAttentionWeights = spec::VideoAttentionWeights<at::Tensor>;
using FeedForwardWeights = spec::FeedForwardWeights<at::Tensor>;

/// The six vectors of a block, [B, 1, D] each.
struct Modulated {
    at::Tensor shift1, scale1, gate1; ///< of attention: beta1, gamma1, alpha1
    at::Tensor shift2, scale2, gate2; ///< of the feed-forward layer
};

/// From c [B, D] (and the side's shared projection where modulation is single).
[[nodiscard]] Modulated modulationOf(const ModulationWeights& weights, const Side& side);

/// From c + each of the steps [R, D], the step embeddings of recursions, in one product.
[[nodiscard]] std::vector<Modulated>
modulationsOf(const ModulationWeights& weights, const Side& side, const at::Tensor& steps);

/// (1 + scale) LN(x) + shift; LN without gain and bias, epsilon 1e-6, statistics in fp32.
/// x [B, K, D].
[[nodiscard]] at::Tensor
modulatedNorm(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& scale);

/// down(gelu_tanh(up(x))). x [.., D].
[[nodiscard]] at::Tensor feedForward(const FeedForwardWeights& weights, const at::Tensor& x);

/// Queries, keys and values of some tokens, normed and rotated as the spec says, [B, H, K, E].
struct Projection {
    at::Tensor queries;
    nn::KeysValues own;
};

/// h [B, K, D]; rotary of those tokens, [1 or B, K, E/2] or undefined.
[[nodiscard]] Projection projectTokens(const spec::VideoSpec& spec,
                                       const VideoAttentionWeights& weights,
                                       const at::Tensor& h,
                                       const nn::Rotary& rotary);

/// Attention over all keys that are seen and valid, heads joined and projected: [B, K, D].
[[nodiscard]] at::Tensor
attendTo(const VideoAttentionWeights& weights, const at::Tensor& queries, const SeenKeys& seen);

/// Which tokens of the side a block runs over.
struct BlockTokens {
    nn::Rotary rotary; ///< of those tokens
    /// Attention within frames (0), along time (1), or over all (-1, the only one for a part of the
    /// side).
    int factor = -1;
    /// Only keys and values are made, x comes back as it is: the last place of a context side,
    /// whose states nobody reads.
    bool keysOnly = false;
};

/// A block at the noise level and label of a side.
struct ModulatedBlock {
    const DitBlock& weights;
    Modulated modulated;
};

/// x [B, K, D] -> [B, K, D]. Takes one place of the side's keys and values.
[[nodiscard]] at::Tensor runDitBlock(const spec::VideoSpec& spec,
                                     const ModulatedBlock& block,
                                     Side& side,
                                     const BlockTokens& tokens,
                                     const at::Tensor& x);

} // namespace depthscope::models
