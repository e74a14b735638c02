// SPDX-License-Identifier: MIT
// Stage 2 of MoRE-DiT: a shared stack Phi of blocks that every token passes as often as the routing
// says, Mixture-of-Recursions over transformer blocks (routed.h, docs/video_models.md):
//   y = Phi(x of the active tokens; c + sigma_r);  x += a s (y - x)
// over one side of a clip, with k from the side's own number of tokens. Engine thread; gradients
// flow where grad mode is on. Letters: B clips, N tokens of the side, D width, R recursions, S
// blocks of the stack.
#pragma once

#include "engine/models/dit_block.h"
#include "engine/models/routed_state.h"
#include "engine/models/video_side.h"
#include "engine/settings/routing.h"
#include "engine/spec/video_spec.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::models {

using RecursionWeights = spec::VideoRecursionWeights<at::Tensor>;

/// What is asked of Stage 2 beside the spec.
struct RecursionRequest {
    /// Rule::Model, KvPolicy::Model and an empty capacity stand for the spec's.
    settings::RoutingSettings settings{};
    at::Tensor
        forcedDepth{}; ///< [B, N] int64: these depths instead of the router's; undefined: none
    std::vector<std::uint64_t> seeds{}; ///< [B] of the random rule; empty: 0 for every clip
    // Interventions on top-k: who is selected changes, gates stay what the scores say.
    at::Tensor rankBy{};   ///< [B, N] ranks in the place of the scores; undefined: none
    bool inverted = false; ///< the worst are kept instead of the best
    bool losses = false;   ///< also keeps the rankings of the target side for aligned routing
    bool trace = false;
};

/// Stage 2 of a model.
struct VideoRecursion {
    const spec::VideoSpec& spec;
    const RecursionWeights& weights;
};

/// x [B, N, D] -> [B, N, D]; what the routing did is in `state`. Takes R · S places of the side's
/// keys and values. Where no exit block reads the context side's states, its last block makes keys
/// and values only. Throws Error{Usage} for a rule that the model cannot do.
[[nodiscard]] at::Tensor runVideoRecursion(const VideoRecursion& stage,
                                           Side& side,
                                           const RecursionRequest& request,
                                           const at::Tensor& x,
                                           RoutedState& state);

} // namespace depthscope::models
