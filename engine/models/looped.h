// SPDX-License-Identifier: MIT
// Looped models: every recursion ends with a norm and can give the logits; an exit gate says how
// likely it is that it should (docs/looped.md 1, 2). As published all recursions run for every
// token: what leaves early is the answer, not the work. Where exits stop, who has left runs no
// further one (docs/looped.md 3). Engine thread. Letters: B batch, T tokens, D width, V vocabulary.
#pragma once

#include "engine/models/block.h"

namespace depthscope::models {

/// Recursion r: the normed states, from which the next one starts, and how likely a token is to
/// leave here (p_t of docs/looped.md 2). Where only the last recursions' keys and values are kept,
/// later tokens read what is known at the end of those before: at r = 0 one token at a call,
/// through all its recursions, and then nothing is left for later ones. False: call again. Throws
/// Error{Usage} for several rows where exits stop or tokens run one by one.
[[nodiscard]] bool runLoop(const BlockRun& run, int r);

/// After the last one: which recursion gives the logits of each token, as Pass::depth, and from
/// which states, as Pass::x; under Rule::Weighted the logits of all of them, as Pass::logits.
/// Where losses are asked for, all states stay in Pass::loopStates.
void chooseExits(const BlockRun& run);

} // namespace depthscope::models
