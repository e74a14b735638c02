// SPDX-License-Identifier: MIT
// Looped models: every recursion ends with a norm and can give the logits; an exit gate says how
// likely it is that it should (docs/looped.md 1, 2). All recursions run for every token, as
// published: what leaves early is the answer, not the work. Engine thread. Letters: B batch, T
// tokens, D width, V vocabulary.
#pragma once

#include "engine/models/block.h"

namespace depthscope::models {

/// Closes recursion r: the normed states, from which the next one starts, are kept, and so is how
/// likely a token is to leave here (p_t of docs/looped.md 2).
void closeRecursion(const BlockRun& run, int r);

/// After the last one: which recursion gives the logits of each token, as Pass::depth, and from
/// which states, as Pass::x; under Rule::Weighted the logits of all of them, as Pass::logits.
void chooseExits(const BlockRun& run);

} // namespace depthscope::models
