// SPDX-License-Identifier: MIT
// A recursion of Mixture-of-Recursions for tokens of different sequences, cut in two around its
// block, so that tokens at different recursions can run the block together. The rule is one by
// which a token decides alone (docs/routing.md 3.8). What becomes of a token is, to the last bit,
// what runExpertChoice or runTokenChoice make of it alone. Engine thread. Letters: S sequences, D
// width.
#pragma once

#include "engine/models/routed.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace depthscope::models {

/// Tokens of different sequences in front of a recursion, under a rule by which each decides alone
/// (docs/routing.md 3.8).
struct Entrance {
    std::vector<char> goesOn; ///< [S]
    at::Tensor gate;          ///< [S, 1] of what the block will make
};

/// The part of runExpertChoice before the block, for x [S, 1, D] of tokens that ran the recursion
/// before. What becomes of a token does not depend, to the last bit, on which others there are.
[[nodiscard]] Entrance enterExpertChoice(const spec::RouterSpec& spec,
                                         const RouterWeights& router,
                                         const spec::ResolvedRouting& routing,
                                         const at::Tensor& x,
                                         int r);

/// And behind it: `made` of x, both [S, 1, D] -> their states.
[[nodiscard]] at::Tensor leaveExpertChoice(const spec::RouterSpec& spec,
                                           const at::Tensor& x,
                                           const at::Tensor& made,
                                           const at::Tensor& gate);

/// Where tokens of different sequences go.
struct Destinations {
    std::vector<int> last; ///< [S] the recursion after which each leaves, from 0
    at::Tensor gate;       ///< [S, 1] of what that one makes
};

/// The decision at the entrance of runTokenChoice, of x [S, 1, D], each token alone as above.
[[nodiscard]] Destinations chooseDestinations(const spec::RouterSpec& spec,
                                              const RouterWeights& router,
                                              const spec::ResolvedRouting& routing,
                                              const at::Tensor& x);

/// And behind the last recursion of each: what it `made` of the states x at the entrance.
[[nodiscard]] at::Tensor leaveTokenChoice(const spec::RouterSpec& spec,
                                          const at::Tensor& x,
                                          const at::Tensor& made,
                                          const at::Tensor& gate);

} // namespace depthscope::models
