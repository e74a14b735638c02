// SPDX-License-Identifier: MIT
// Looks for depths that lose less than a router's: each depth of each token is tried, the others
// unchanged, then what was best alone is run together (docs/routing.md 5). A lower bound of what
// the best of all R^T depths would save. Engine thread. Letters: T tokens, R recursions, N rows of
// depths that are run.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace depthscope::evaluate {

/// Depths of a whole sequence, run together.
struct TriedDepths {
    double loss = 0;        ///< summed over the tokens
    std::int64_t steps = 0; ///< recursions, summed over the tokens
};

struct DepthSearch {
    TriedDepths routed;    ///< as the router has it
    TriedDepths equalCost; ///< the best found with no more steps than that
    TriedDepths best;      ///< the best found; never worse than equalCost
};

struct DepthSearching {
    int recursions = 1;
    /// Losses of rows of depths [N, T] int64, each summed over its tokens: [N].
    std::function<std::vector<double>(const at::Tensor& depths)> losses;
    double rounding = 1e-5; ///< a deeper depth must save more than this
};

/// own [1, T] int64, 1..R. Costs T · R + 3 rows.
[[nodiscard]] DepthSearch searchDepths(const at::Tensor& own, const DepthSearching& searching);

} // namespace depthscope::evaluate
