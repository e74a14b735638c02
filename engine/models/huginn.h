// SPDX-License-Identifier: MIT
// Huginn (docs/looped.md 5, 6): what the prelude makes of the text is read by every recursion of a
// core, which refines a state of its own; a coda makes the logits of the state. Under the rules
// that watch a change tokens stop where a recursion changes little. Engine thread. Letters: B
// batch, T tokens, D width, V vocabulary.
#pragma once

#include "engine/models/block.h"

#include <cstdint>

namespace depthscope::models {

/// Recursion r of the active tokens, from and to pass.x; at r = 0 pass.x is the prelude's output.
/// Rules that watch the prediction run token by token, since a token's coda reads the final entries
/// of those before: at r = 0 one token at a call, through all its recursions to its logits, and
/// then nothing is left for later recursions and for runCoda. So do all rules where only the last
/// recursions' keys and values are kept; then runCoda is left. False: call again. Throws
/// Error{Usage} for several rows where tokens stop or run one by one.
[[nodiscard]] bool refineState(const BlockRun& run, int r);

/// Layer i of the coda over pass.x.
void runCoda(const BlockRun& run, std::int64_t i);

/// The states before the first recursion, [B, T, D] like `input`: zeros, or truncated normal
/// numbers that are a function of seed, position and channel.
[[nodiscard]] at::Tensor initialState(const Pass& pass, const at::Tensor& input);

} // namespace depthscope::models
