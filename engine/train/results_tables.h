// SPDX-License-Identifier: MIT
// What the results pages of text experiments share: losses read at a common end, cells of tables,
// and claims with their verdicts. Pure functions of values; any thread.
#pragma once

#include "engine/train/curve_reading.h"
#include "engine/train/experiment.h"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace depthscope::train {

using Results = std::vector<std::optional<CellResult>>;
/// What one cell says about one question; NaN where it cannot.
using Question = std::function<double(const CellResult&)>;

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Of the validation curve where it passes `at` on the axis.
[[nodiscard]] double lossAt(const CellResult& result, Axis axis, double at);

/// Nats a token of the finished model under a rule.
[[nodiscard]] Question natsUnder(const std::string& rule);

/// Answers of one system on one data set, by seed.
[[nodiscard]] BySeed answers(const Results& results,
                             const std::string& system,
                             const std::string& data,
                             const Question& question);

/// "1.6757 ± 0.0034 (3)" over the seeds; "not run" without one.
[[nodiscard]] std::string cellText(const Results& results,
                                   const std::string& system,
                                   const std::string& data,
                                   const Question& question);

/// The largest tokens, FLOPs and seconds that every finished cell of a data set reached; infinite
/// where none is finished.
struct Ends {
    double tokens, flops, seconds;
};

[[nodiscard]] Ends endsOf(const Results& results, const std::string& data);

/// Losses of all systems at those three.
[[nodiscard]] std::string
lossTable(const Experiment& experiment, const Results& results, const std::string& data);

/// A row of a table by token class, for one system on graded text.
struct ClassRow {
    std::string label;
    std::string system;
    std::function<Question(const std::string& className)> question;
};

/// A column for each class that the finished cells know; "Not run." without one.
[[nodiscard]] std::string
classTable(const Results& results, const std::string& head, const std::vector<ClassRow>& rows);

/// A statement of the papers, or a control of ours: on graded text the first has the smaller
/// answer.
struct Claim {
    const char* statement;
    const char* better;
    const char* worse;
    Question betterQuestion, worseQuestion;
};

enum class Verdict { NotRun, OneSeed, Undecided, Confirmed, Contradicted };

/// Paired by seed; decided only where the mean difference exceeds two standard errors.
[[nodiscard]] Verdict verdictOf(const Results& results, const Claim& claim);

/// A row for each claim: its difference and its verdict.
[[nodiscard]] std::string claimsTable(const Results& results, const std::vector<Claim>& claims);

/// How many cells ran, with what; the systems.
[[nodiscard]] std::string pageHead(const Experiment& experiment, const Results& results);

} // namespace depthscope::train
