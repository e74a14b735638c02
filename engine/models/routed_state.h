// SPDX-License-Identifier: MIT
// The input and output of a routed stack: the states of all tokens, which tokens are active, and
// what the routing did. Independent of vocabulary and cache: a token is a row of x, whether text, a
// patch or a place of a clip. Engine thread. Letters: B batch, T tokens, D width, R recursions, K
// tokens active at a recursion.
#pragma once

#include "engine/spec/resolved_routing.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace depthscope::models {

/// Training-mode losses of docs/routing.md 3.4 and 3.5 before their coefficients; undefined where
/// not computed.
struct RouterLosses {
    at::Tensor aux;       ///< BCE summed over recursions
    at::Tensor auxRouter; ///< the same of the auxiliary routers
    at::Tensor balance;
    at::Tensor z;
    at::Tensor accuracy; ///< decisions that agree with the selection, mean over recursions
};

/// Tokens active at the current recursion.
struct ActiveSet {
    at::Tensor positions;             // [B, K] int64 columns of x, ascending among the valid ones
    std::vector<std::int64_t> counts; // valid tokens of each row, first in it; empty: all K
    at::Tensor packed;                // token-choice: their state [B, K, D]
    at::Tensor choice;                // token-choice: destination recursion of each, [B, K] int64
    at::Tensor weight;                // token-choice: its gate, [B, K]
};

/// Who stood for election at a recursion, for a loss that teaches the router to rank them by
/// something that is known only after the pass.
struct Ranking {
    at::Tensor positions; ///< [B, C] int64, the tokens considered
    at::Tensor logits;    ///< [B, C] of their states without gradient; the router's weights have it
    at::Tensor valid;     ///< [B, C] bool; undefined: all
    std::vector<std::int64_t> kept; ///< k of each row; of all rows where there is one entry
};

struct RoutedState {
    // asked
    spec::ResolvedRouting routing;
    std::vector<std::int64_t> rowCounts; // valid tokens of each row; empty: all T
    at::Tensor forcedDepth; // [B, T] int64: these depths instead of the router's; undefined: none
    /// Capacities row by row, [B] of [R], under top-k; empty: those of `routing` for all rows.
    std::vector<std::vector<Fraction>> rowCapacity;
    /// Seeds of the random rule, [B]: what a row draws does not depend on its neighbours. Empty:
    /// the rows share `routing.seed`.
    std::vector<std::uint64_t> rowSeeds;
    at::Tensor rankBy;     ///< [B, T] ranks the tokens in the place of the scores; undefined: none
    bool inverted = false; ///< top-k keeps the worst instead of the best
    bool keepsRankings = false; ///< of the recursions that select by rank
    bool losses = false;
    bool trace = true; // keep scores; depth is always kept

    // state between recursions
    at::Tensor x;     // [B, T, D]
    ActiveSet active; // those of the recursion that ran last

    // results
    at::Tensor depth;                       // [B, T] int64, recursions passed
    std::vector<at::Tensor> scores;         // R of [B, T] float, NaN where not considered
    std::vector<at::Tensor> selected;       // one [B, K] int64 per recursion run
    at::Tensor chosenShares;                // token-choice: share by chosen depth, [R] float
    std::vector<std::int64_t> activeTokens; // sum over the batch, per recursion
    std::vector<Ranking> rankings;
    RouterLosses routerLosses;
    int syncs = 0; // points where the host waited for the device

    [[nodiscard]] std::int64_t rows() const { return x.size(0); }

    [[nodiscard]] std::int64_t tokens() const { return x.size(1); }
};

/// Every token of the state.
[[nodiscard]] ActiveSet everyToken(const RoutedState& state);

/// All tokens of the state are in it, in order.
[[nodiscard]] bool isEveryToken(const RoutedState& state, const ActiveSet& active);

/// [B, K] true for the valid columns; undefined where all are.
[[nodiscard]] at::Tensor validOf(const ActiveSet& active);

/// Counts the active tokens and adds one to their depth.
void recordDepth(RoutedState& state);

/// Keeps the scores of the active tokens as the next recursion's row; [B, K].
void recordScores(RoutedState& state, const at::Tensor& scores);

/// A selection of the active tokens.
struct Kept {
    at::Tensor index;                 // [B, K'] into the K active ones
    std::vector<std::int64_t> counts; // valid ones of each row; empty: all K'
};

/// Those marked in [B, K] bool, in order, padded to the fullest row. The host needs the counts: a
/// sync.
[[nodiscard]] Kept keepMarked(RoutedState& state, const at::Tensor& marked);

/// The `k` best by `scores` [B, K], in order. Throws Error{Usage} for rows of different lengths.
[[nodiscard]] Kept keepRanked(const RoutedState& state, const at::Tensor& scores, std::int64_t k);

/// The `counts[b]` best of row b, in order, padded to the fullest row; no wait for the device.
[[nodiscard]] Kept keepRankedEach(const RoutedState& state,
                                  const at::Tensor& scores,
                                  std::vector<std::int64_t> counts);

/// All of them.
[[nodiscard]] Kept keepAll(const RoutedState& state);

/// They are the active tokens as they stand.
[[nodiscard]] bool isEveryActive(const ActiveSet& active, const Kept& kept);

/// Makes the kept tokens the active ones.
void keepOnly(ActiveSet& active, const Kept& kept);

} // namespace depthscope::models
