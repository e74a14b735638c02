// SPDX-License-Identifier: MIT
// What a model that runs one block several times would answer after each recursion, and how far its
// states still move (docs/convergence.md). Worked out on request, beside the run: immutable.
// Letters: N tokens, R recursions, s_r the state after recursion r (s_0 enters the loop), p_r the
// prediction made of it by the layers after the loop, the last norm and the head. A value; any
// thread.
#pragma once

#include "engine/settings/routing.h"
#include "engine/spec/model_info.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::trace {

struct RunView;

enum class Quantity : std::uint8_t {
    Change,     ///< |s_r - s_{r-1}| / |s_r|
    Cosine,     ///< s_r · s_{r-1} / (|s_r| |s_{r-1}|)
    Entropy,    ///< -sum p_r ln p_r, nats
    Divergence, ///< sum p_R ln (p_R / p_r), nats: what answering here would cost
    Rank,       ///< of the last recursion's answer in p_r: 1 + those with a larger logit
};

inline constexpr std::array kQuantities{Quantity::Change, Quantity::Cosine, Quantity::Entropy,
                                        Quantity::Divergence, Quantity::Rank};

/// The name in JSON: "relative_change", "cosine", "entropy", "kl_to_last", "rank_of_answer".
[[nodiscard]] std::string_view toString(Quantity quantity);

inline constexpr std::size_t kPredictions = 5;

/// Of a longer text only as many tokens are looked at as have states for this
/// (docs/convergence.md).
inline constexpr std::int64_t kMostStateBytes = std::int64_t{512} << 20U;

/// Of the exit gate, where the routing asks for none.
inline constexpr double kExitGate = 0.5;

/// Where one exit rule would let each token leave.
struct ExitPoints {
    std::string rule;                    ///< with its threshold: "latent:0.03"
    std::vector<std::uint8_t> recursion; ///< [N] from 1; 0: at none of those that it ran
};

struct Convergence {
    std::shared_ptr<const spec::ModelInfo> model;
    settings::RoutingSettings settings; ///< resolved, of the run that this belongs to
    std::vector<std::int32_t> ids;      ///< the first of the run's, as many as are looked at
    std::size_t beyond = 0;             ///< tokens of the run behind them, which are not
    int recursions = 0;                 ///< R
    int trained = 0; ///< recursions of the training; those beyond it are outside it

    /// By Quantity, [R * N] each, row r; NaN where the token did not run the recursion.
    std::array<std::vector<float>, kQuantities.size()> values;
    std::size_t predictions = 0;       ///< of each token and recursion: 5, or the vocabulary
    std::vector<std::int32_t> best;    ///< [R * N * predictions] ids, the likeliest first
    std::vector<float> probability;    ///< of each of them
    std::vector<std::uint8_t> fixedAt; ///< [N] the answer is the last one's from here on, from 1
    std::vector<ExitPoints> exits;
    std::map<std::int32_t, std::string> pieces; ///< text of the ids in `best`; empty: no tokenizer

    /// The path s_0 .. s_R of each token in its own two principal components, [N * (R + 1) * 2]:
    /// centred on its mean, so that distances are those of the states as far as two numbers go.
    std::vector<float> path;
    std::vector<float> pathShares; ///< [N * 2] of the variance; NaN: the token never moved

    [[nodiscard]] std::size_t tokens() const { return ids.size(); }

    /// The token is looked at.
    [[nodiscard]] bool holds(std::size_t token) const { return token < ids.size(); }

    /// Index of a recursion, from 0, and a token into `values`.
    [[nodiscard]] std::size_t at(int recursion, std::size_t token) const {
        return static_cast<std::size_t>(recursion) * tokens() + token;
    }

    /// NaN where the token did not run the recursion, or is not looked at.
    [[nodiscard]] float value(Quantity quantity, int recursion, std::size_t token) const;

    [[nodiscard]] bool ran(int recursion, std::size_t token) const;

    /// Of the same tokens and the same model in memory.
    [[nodiscard]] bool isOf(const RunView& run) const;
};

/// Of models that run one block of layers several times, one recursion after the other.
[[nodiscard]] bool hasConvergence(const spec::ModelInfo& model);

using ConvergencePtr = std::shared_ptr<const Convergence>;

/// The exit probability in force under these settings, or kExitGate.
[[nodiscard]] double exitLookedAt(const settings::RoutingSettings& settings);

/// What was worked out holds for the run but for the threshold of an exit gate that stops nobody.
[[nodiscard]] bool differsInExitAlone(const Convergence& made, const RunView& run);

/// The same under the threshold in force in such a run, by its exit probabilities.
[[nodiscard]] ConvergencePtr underExitOf(const Convergence& made, const RunView& run);

/// The first recursion, from 1, at which [R * N] values fall below `threshold`; 0: none. NaN never
/// does.
[[nodiscard]] std::vector<std::uint8_t>
firstBelow(std::span<const float> values, std::size_t tokens, double threshold);

/// The first recursion by which [R * N] probabilities add up to `threshold`, else the last one;
/// from 1 on it is always the last one (docs/looped.md 2).
[[nodiscard]] std::vector<std::uint8_t>
firstReached(std::span<const float> probabilities, std::size_t tokens, double threshold);

/// The first recursion at which `comparisons` in a row found the answer [R * N] unchanged; 0: none.
[[nodiscard]] std::vector<std::uint8_t>
firstStable(std::span<const std::int32_t> answers, std::size_t tokens, int comparisons);

/// The recursion from which on the answer is the last one.
[[nodiscard]] std::vector<std::uint8_t> fixedFrom(std::span<const std::int32_t> answers,
                                                  std::size_t tokens);

} // namespace depthscope::trace
