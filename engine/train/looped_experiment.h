// SPDX-License-Identifier: MIT
// The experiment `looped`: Mixture-of-Recursions against looped models with an exit gate, and their
// controls, on graded text (docs/looped.md 9). Values; the job runs them. Any thread.
#pragma once

#include "engine/train/experiment.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::train {

inline constexpr const char* kLooped = "looped";

/// The rule whose exits the claims are about: chosen before anything was measured.
inline constexpr const char* kClaimedExit = "exit:0.5";

/// What may be asked for; empty and 0: the experiment's own.
struct LoopedChoices {
    std::vector<std::string> systems{};
    int seeds = 0;
    double minutes = 0;     ///< of processor time of each training
    std::int64_t steps = 0; ///< ends each training instead, for trials: fewer tokens are scored
};

/// Throws Error{Usage} that names what is valid.
[[nodiscard]] Experiment looped(const LoopedChoices& choices);

/// Nats a token if the exits of a looped model were drawn, in the shares in which its gate left
/// under `rule`: what the gate has to beat. The mean of the losses at the fixed depths by those
/// shares, since as published all recursions run whichever answers. NaN where one is missing.
[[nodiscard]] double drawnExits(const CellResult& result, const std::string& rule);

/// Nats a token at a mean depth, linear between the points of the rules; NaN outside them.
[[nodiscard]] double
natsAtDepth(const CellResult& result, const std::vector<std::string>& rules, double meanDepth);

/// Names of the fixed depths, and of the exits as published, in the order of their thresholds.
[[nodiscard]] std::vector<std::string> fixedRules();
[[nodiscard]] std::vector<std::string> exitRules();

/// The page: losses, claims, loss against mean depth under each rule, classes, and what keeping
/// fewer keys and values costs. A cell without a result says "not run".
[[nodiscard]] std::string loopedResultsPage(const Experiment& experiment,
                                            const std::vector<std::optional<CellResult>>& results);

} // namespace depthscope::train
