// SPDX-License-Identifier: MIT
// Statistics of a run: tokens left, score histograms, load, classes,
// router margins, KV bytes. Pure functions of a RunView, any thread; recursions and tokens count
// from 0. A token was considered at a recursion if its score is a number, and kept there if its
// depth exceeds it; depth 0 is a token dropped by a first capacity below 1.
#pragma once

#include "engine/base/fraction.h"
#include "engine/trace/run_view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace depthscope::trace {

[[nodiscard]] bool isConsidered(const RunView& run, int recursion, std::size_t token);
[[nodiscard]] bool isKept(const RunView& run, int recursion, std::size_t token);
/// Considered there and not kept: where the token exits before the last recursion.
[[nodiscard]] bool leavesAt(const RunView& run, int recursion, std::size_t token);

/// Tokens that pass each recursion. [R]
[[nodiscard]] std::vector<std::size_t> tokensLeft(const RunView& run);

/// What scores can be: 0..1, -1..1 for tanh, the values seen for a router without a bounded
/// function and for changes, which span decades.
struct ScoreRange {
    double low = 0;
    double high = 1;
    bool isLogarithmic = false;

    /// 0..1 within the range, clamped.
    [[nodiscard]] double share(double score) const;
    /// The score there.
    [[nodiscard]] double valueAt(double share) const;
};

[[nodiscard]] ScoreRange scoreRange(const RunView& run);

struct Histogram {
    ScoreRange range;
    std::vector<std::size_t> counts; ///< bins of equal width; the last one is closed
    std::size_t total = 0;
};

/// The scores of the tokens considered at each recursion. [R]; `bins` is at least 1.
[[nodiscard]] std::vector<Histogram> scoreHistograms(const RunView& run, std::size_t bins);

/// False under the random rule and the auxiliary router's: other numbers choose, and the scores are
/// the main router's all the same.
[[nodiscard]] bool scoreDecides(const RunView& run);

/// The lowest score that was kept at a recursion beside one that was not; nothing where all or none
/// stayed, or where the score does not decide.
[[nodiscard]] std::optional<double> cutScore(const RunView& run, int recursion);

/// Share of the tokens whose depth ends after each recursion. [R]; zeros without tokens. Tokens of
/// depth 0 count for none, so the shares may add up to less than 1.
[[nodiscard]] std::vector<double> exitShares(const RunView& run);

/// -sum p ln(p + 1e-10), nats (docs/routing.md 3.5).
[[nodiscard]] double entropy(std::span<const double> shares);

/// MaxVio of docs/routing.md 3.5: (largest load - mean load) / mean load; 0 without load.
[[nodiscard]] double maxViolation(std::span<const double> loads);

/// The probability that one of the first is deeper than one of the others, ties half: the area
/// under the curve of true over false positives. `of` and `others` count by depth, from 0; they may
/// differ in length. 0.5: the depth says nothing; NaN where either is empty.
[[nodiscard]] double areaUnderCurve(std::span<const std::int64_t> of,
                                    std::span<const std::int64_t> others);

/// What the experts of one layer get, over all tokens of a run.
struct ExpertLoad {
    int layer = 0;                   ///< block, from 0
    std::vector<std::size_t> counts; ///< places that chose each expert
    std::vector<double> shares;      ///< of all choices; sums to 1
    double entropy = 0;              ///< nats, at most ln E
    double maxViolation = 0;         ///< MaxVio, 0 to E - 1
    std::vector<int> dead;           ///< experts that no token chose
    /// There were enough choices that a fair router would hardly have missed one.
    bool hasEnoughChoices = false;
};

/// One entry per layer of experts; empty where the model has none.
[[nodiscard]] std::vector<ExpertLoad> expertLoads(const RunView& run);

/// The policy that keys and values were kept by; never Model.
[[nodiscard]] settings::KvPolicy kvPolicyInForce(const RunView& run);

/// KV bytes of one token under a policy, whichever ran: from its depth and the bytes per token of
/// the groups. Unshared layers always; then recursion-wise each recursion that it passed, share the
/// first alone, hybrid the first for every token and the others that it passed; last and compress
/// as many as they keep at most.
[[nodiscard]] std::int64_t
policyBytes(const RunView& run, settings::KvPolicy policy, std::size_t token);

/// Recursions per token; NaN without tokens.
[[nodiscard]] double meanDepth(const RunView& run);

struct ClassFigures {
    std::uint8_t number = 0; ///< in the run's class set
    std::size_t count = 0;
    double meanDepth = 0;
    double meanNll = 0; ///< nats per token over the known ones; NaN if none is
};

/// The classes that occur, by number.
[[nodiscard]] std::vector<ClassFigures> classFigures(const RunView& run);

/// How safely a token stays at a recursion, or by how much it missed.
struct RouterMargin {
    std::optional<double> score; ///< nothing: not considered
    bool kept = false;
    std::optional<std::size_t> rank;     ///< from 0 among the considered; ties: lower index first
    std::size_t candidates = 0;          ///< considered at this recursion
    std::optional<Fraction> staysFrom;   ///< top-k: the smallest capacity at which it stays
    std::optional<double> overThreshold; ///< threshold: sigmoid(logit) - tau
};

/// Under top-k `staysFrom` is the smallest x with floor(x * T) > rank, which is (rank + 1) / T: the
/// tokens that reach the recursion stay the same, only its own capacity moves. Under the random
/// rule and token-choice there is neither rank nor margin: no token is compared with another. Under
/// the threshold rule the first recursion is unconditional and has no margin.
[[nodiscard]] RouterMargin routerMargin(const RunView& run, int recursion, std::size_t token);

/// KV bytes that this token occupies in one group of the cache, under the policy in force.
[[nodiscard]] std::int64_t storedBytes(const RunView& run, const KvGroup& group, std::size_t token);

/// KV bytes that this token would occupy at full depth and does not.
[[nodiscard]] std::int64_t savedBytes(const RunView& run, std::size_t token);

} // namespace depthscope::trace
