// SPDX-License-Identifier: MIT
// Tables of small trainings that test a claim: which systems, on which data, with how
// many seeds, and what each cell measured. Values and files; the job runs them. Any thread. Files
// throw Error{BadInput} naming them.
#pragma once

#include "engine/spec/preset.h"
#include "engine/train/metrics.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::train {

/// A way in which a finished model is scored.
struct AskedRule {
    std::string name; ///< "trained", "exit:0.5 stop"
    settings::RoutingSettings routing;
};

/// One model of the table.
struct System {
    std::string name; ///< "mor3-expert"
    std::string what; ///< for the page
    spec::LanguageSpec model;
    double gateShare = 0;           ///< of the training, in which an exit gate learns alone
    std::vector<AskedRule> rules{}; ///< the first is as trained
};

struct Cell {
    std::string system;
    std::string data; ///< "graded" or "shakespeare"
    std::uint64_t seed = 1;

    /// "mor3-expert-graded-2": names its folder.
    [[nodiscard]] std::string name() const;
};

struct Experiment {
    std::string name;
    std::vector<System> systems;
    std::vector<Cell> cells;       ///< in the order in which they run
    double trainSeconds = 240;     ///< of processor time, one thread; evaluations not counted
    std::int64_t steps = 0;        ///< ends a training instead; 0: time does
    std::int64_t scoredTokens = 0; ///< of validation, at the end of a cell
    std::int64_t regretTokens = 0; ///< 0: it is not measured

    [[nodiscard]] const System& system(const std::string& name) const;
    /// Constant rate after the warm-up, so that every point of the curve is a fair end.
    [[nodiscard]] spec::Preset presetOf(const Cell& cell) const;
    /// What ends each training, as the results say it.
    [[nodiscard]] std::string budget() const;
};

/// What all systems of the small experiments share: 96 wide, as many unshared layers as said.
[[nodiscard]] spec::LanguageSpec smallModel(std::int64_t layers);

/// Throws Error{Usage} that lists the names.
[[nodiscard]] const Experiment& findExperiment(const std::string& name);

/// Nats a token of the finished model under one rule.
struct RuleScore {
    std::string rule; ///< "trained", "topk", "threshold", "random", "full"
    double nats = 0;
    double meanDepth = 0;
    double flopsPerToken = 0;          ///< of a forward pass
    double accuracy = 0;               ///< of decisions, under top-k; NaN else
    std::vector<double> depthShares{}; ///< tokens by depth, from 0; sum 1
    /// By token class: the probability that one of the class is deeper than another.
    std::vector<std::pair<std::string, double>> classAuc{};
};

struct CellResult {
    Cell cell;
    std::string budget; ///< of its training; empty: of before it was kept
    std::int64_t parameters = 0;
    std::vector<Evaluation> curve; ///< seconds are processor seconds of training
    std::vector<RuleScore> scores;
    double regret = 0;            ///< nats per token; NaN without a router
    double regretAtEqualCost = 0; ///< the same with the router's own number of steps
    std::vector<std::pair<std::string, double>> classDepth; ///< mean depth by token class
    std::string machine; ///< kernels and LibTorch that it ran with

    /// Null: not scored.
    [[nodiscard]] const RuleScore* scoreUnder(const std::string& rule) const;
};

/// folder/NAME.json; nullopt where the cell has not run to its end.
[[nodiscard]] std::optional<CellResult> readResult(const std::filesystem::path& folder,
                                                   const Cell& cell);
void writeResult(const std::filesystem::path& folder, const CellResult& result);

/// The page of an experiment: what was run, tables at equal tokens, FLOPs and time, and which
/// claims of the papers are confirmed. A cell without a result says "not run".
[[nodiscard]] std::string resultsPage(const Experiment& experiment,
                                      const std::vector<std::optional<CellResult>>& results);

} // namespace depthscope::train
