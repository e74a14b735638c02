// SPDX-License-Identifier: MIT
// Stage 1 of MoRE-DiT: four pattern experts with shared queries, keys, values and output, each with
// keys and a feed-forward layer of its own (docs/video_models.md). H = (1 + gamma) LN(x) + beta;
// p = softmax(W_r H); for the expert e of token i with gate g = 1 + p - stopgrad(p):
//   x += alpha1 g O(attention over the keys of e);  x += alpha2 g FFN_e((1 + gamma2) LN(x) + beta2)
// The Motion expert's query is Q(H) + W (H - H one frame before). Engine thread; gradients flow
// where grad mode is on; no wait for the device. Letters: B clips, N tokens of the side, Q choices
// of a clip, D width.
#pragma once

#include "engine/models/dit_block.h"
#include "engine/models/pattern_layout.h"
#include "engine/models/video_side.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace depthscope::models {

/// What is asked of Stage 1 beside the spec.
struct PatternRequest {
    std::optional<spec::PatternMode> mode{}; ///< instead of the spec's
    std::optional<spec::Pattern> forced{};   ///< this expert for every token
    std::vector<std::uint64_t> seeds{};      ///< [B] of the random mode; empty: 0 for every clip
    bool losses = false;
};

/// Stage 1 of a model.
struct PatternExperts {
    const spec::VideoSpec& spec;
    const PatternWeights& weights;
    PatternLists& lists;
};

/// Who went where.
struct PatternChoice {
    at::Tensor token;   ///< [B, Q] int64; undefined: choice i is token i's
    at::Tensor expert;  ///< [B, Q] int64, spec::Pattern
    at::Tensor weight;  ///< [B, Q] p of the expert
    at::Tensor shares;  ///< [4] float, of the choices by expert
    at::Tensor balance; ///< scalar 4 sum of share · mean p; undefined where not asked
};

/// x [B, N, D] -> [B, N, D], the tags of the experts added where the spec wants them. Takes one
/// place of the side's keys and values.
[[nodiscard]] at::Tensor runPatternExperts(const PatternExperts& experts,
                                           Side& side,
                                           const PatternRequest& request,
                                           const at::Tensor& x,
                                           PatternChoice& choice);

/// After a training step: balance += rate · sign(1/4 - share). Selection alone reads it.
void balancePatterns(at::Tensor& balance, const at::Tensor& shares, double rate);

} // namespace depthscope::models
