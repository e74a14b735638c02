// SPDX-License-Identifier: MIT
// The results of an experiment as Markdown. Every figure comes from the cells; a missing one is
// "not run".
#include "engine/base/text.h"
#include "engine/train/curve_reading.h"
#include "engine/train/experiment.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace depthscope::train {

namespace {

using Results = std::vector<std::optional<CellResult>>;
/// What one cell says about one question; NaN where it cannot.
using Question = std::function<double(const CellResult&)>;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double lossAt(const CellResult& result, Axis axis, double at) {
    return valueAt(result.curve, "val_loss", axis, at);
}

/// Answers of one system on one data set, by seed.
BySeed answers(const Results& results,
               const std::string& system,
               const std::string& data,
               const Question& question) {
    BySeed values;
    for (const auto& result : results) {
        if (result && result->cell.system == system && result->cell.data == data) {
            const double value = question(*result);
            if (std::isfinite(value)) {
                values.emplace_back(result->cell.seed, value);
            }
        }
    }
    return values;
}

std::string cellText(const Results& results,
                     const std::string& system,
                     const std::string& data,
                     const Question& question) {
    std::vector<double> values;
    for (const auto& [seed, value] : answers(results, system, data, question)) {
        values.push_back(value);
    }
    return spreadText(spreadOf(values));
}

/// The largest value of an axis that every finished cell of this data reached.
double commonEnd(const Results& results, const std::string& data, Axis axis) {
    double end = std::numeric_limits<double>::infinity();
    for (const auto& result : results) {
        if (result && result->cell.data == data && !result->curve.empty()) {
            end = std::min(end, axis(result->curve.back()));
        }
    }
    return end;
}

struct Ends {
    double tokens, flops, seconds;
};

Ends endsOf(const Results& results, const std::string& data) {
    return {commonEnd(results, data, samplesOf), commonEnd(results, data, flopsOf),
            commonEnd(results, data, secondsOf)};
}

std::string
lossTable(const Experiment& experiment, const Results& results, const std::string& data) {
    const Ends ends = endsOf(results, data);
    if (!std::isfinite(ends.tokens)) {
        return "Not run.\n";
    }
    std::string page =
        fmt::format("| system | parameters | at {} M tokens | at {} TFLOP | at {} s "
                    "| tokens seen, M |\n|---|---|---|---|---|---|\n",
                    numberText("%.2f", ends.tokens / 1e6), numberText("%.2f", ends.flops / 1e12),
                    numberText("%.0f", ends.seconds));
    for (const System& system : experiment.systems) {
        const auto seen = answers(results, system.name, data, [](const CellResult& r) {
            return static_cast<double>(r.curve.back().tokens) / 1e6;
        });
        const auto parameters = answers(results, system.name, data, [](const CellResult& r) {
            return static_cast<double>(r.parameters);
        });
        page += fmt::format(
            "| {} | {} | {} | {} | {} | {} |\n", system.name,
            parameters.empty() ? "not run" : numberText("%.0f", parameters.front().second),
            cellText(results, system.name, data,
                     [&](const CellResult& r) { return lossAt(r, samplesOf, ends.tokens); }),
            cellText(results, system.name, data,
                     [&](const CellResult& r) { return lossAt(r, flopsOf, ends.flops); }),
            cellText(results, system.name, data,
                     [&](const CellResult& r) { return lossAt(r, secondsOf, ends.seconds); }),
            seen.empty() ? "not run" : numberText("%.2f", seen.front().second));
    }
    return page;
}

Question scoreUnder(const std::string& rule) {
    return [rule](const CellResult& result) {
        for (const RuleScore& score : result.scores) {
            if (score.rule == rule) {
                return score.nats;
            }
        }
        return kUnknown;
    };
}

std::string rulesTable(const Experiment& experiment, const Results& results) {
    std::string page =
        "| system | as trained | threshold 0.5 | random selection | full depth | regret "
        "| regret at equal steps |\n|---|---|---|---|---|---|---|\n";
    for (const System& system : experiment.systems) {
        if (!system.model.hasRouter()) {
            continue;
        }
        page += fmt::format("| {}", system.name);
        for (const char* rule : {"trained", "threshold", "random", "full"}) {
            const std::string cell = cellText(results, system.name, "graded", scoreUnder(rule));
            const bool cannot = cell == "not run" && rule == std::string("threshold") &&
                                system.model.mor.type == spec::RouterType::Token;
            page += fmt::format(" | {}", cannot ? std::string("no such rule") : cell);
        }
        page += fmt::format(
            " | {} | {} |\n",
            cellText(results, system.name, "graded", [](const CellResult& r) { return r.regret; }),
            cellText(results, system.name, "graded",
                     [](const CellResult& r) { return r.regretAtEqualCost; }));
    }
    return page;
}

std::string classTable(const Experiment& experiment, const Results& results) {
    std::vector<std::string> classes;
    for (const auto& result : results) {
        if (result && classes.empty()) {
            for (const auto& [name, depth] : result->classDepth) {
                classes.push_back(name);
            }
        }
    }
    if (classes.empty()) {
        return "Not run.\n";
    }
    std::string page = "| system |", rule = "|---|";
    for (const std::string& name : classes) {
        page += fmt::format(" {} |", name);
        rule += "---|";
    }
    page += fmt::format("\n{}\n", rule);
    for (const System& system : experiment.systems) {
        if (!system.model.hasRouter()) {
            continue;
        }
        page += fmt::format("| {} |", system.name);
        for (const std::string& wanted : classes) {
            page += fmt::format(" {} |",
                                cellText(results, system.name, "graded", [&](const CellResult& r) {
                                    for (const auto& [name, depth] : r.classDepth) {
                                        if (name == wanted) {
                                            return depth;
                                        }
                                    }
                                    return kUnknown;
                                }));
        }
        page += "\n";
    }
    return page;
}

/// A statement of the papers (or a control of ours): the first is better than the second.
struct Claim {
    const char* statement;
    const char* better;
    const char* worse;
    Question betterQuestion, worseQuestion;
};

/// Paired by seed; decided only where the mean difference exceeds two standard errors.
std::string verdict(const Results& results, const Claim& claim) {
    const std::vector<double> found =
        differences(answers(results, claim.better, "graded", claim.betterQuestion),
                    answers(results, claim.worse, "graded", claim.worseQuestion));
    std::string line = fmt::format("| {} | ", claim.statement);
    const Spread spread = spreadOf(found);
    if (spread.count == 0) {
        return fmt::format("{}not run | |\n", line);
    }
    line += fmt::format("{} ({}) | ", numberText("%+.4f", spread.mean), spread.count);
    if (spread.count < 2) {
        return fmt::format("{}one seed: undecided |\n", line);
    }
    line +=
        spread.isApartFrom(0) ? (spread.mean < 0 ? "confirmed" : "**contradicted**") : "undecided";
    return fmt::format("{}, standard error {} |\n", line,
                       numberText("%.4f", spread.standardError()));
}

std::string verdicts(const Results& results) {
    const Ends ends = endsOf(results, "graded");
    const Question flops = [ends](const CellResult& r) { return lossAt(r, flopsOf, ends.flops); };
    const Question tokens = [ends](const CellResult& r) {
        return lossAt(r, samplesOf, ends.tokens);
    };
    const Question seconds = [ends](const CellResult& r) {
        return lossAt(r, secondsOf, ends.seconds);
    };
    const Question trained = scoreUnder("trained"), threshold = scoreUnder("threshold"),
                   random = scoreUnder("random"), full = scoreUnder("full");
    const std::vector<Claim> claims{
        {"MoR-2 beats vanilla at equal FLOPs (paper, table 3)", "mor2-expert", "vanilla", flops,
         flops},
        {"MoR-3 beats the recursive baseline at equal FLOPs (paper, table 3)", "mor3-expert",
         "recursive3", flops, flops},
        {"expert-choice beats token-choice at equal tokens (paper, table 3)", "mor3-expert",
         "mor3-token", tokens, tokens},
        {"a learned router beats a random one, each trained that way, at equal tokens (paper, "
         "table 4)",
         "mor3-expert", "mor3-random", tokens, tokens},
        {"recursion beats the same parameters without it at equal tokens", "recursive3", "shallow",
         tokens, tokens},
        {"routing beats the same parameters and mean depth without a router, equal tokens",
         "mor3-expert", "fixed2", tokens, tokens},
        {"routing beats that control at equal time", "mor3-expert", "fixed2", seconds, seconds},
        {"MoR-3 beats vanilla at equal time on this machine", "mor3-expert", "vanilla", seconds,
         seconds},
        {"in the finished MoR-3, its own selection beats a random one", "mor3-expert",
         "mor3-expert", trained, random},
        {"in the finished MoR-3, threshold 0.5 is better than top-k", "mor3-expert", "mor3-expert",
         threshold, trained},
        {"in the finished MoR-3, its own selection beats running every token at full depth",
         "mor3-expert", "mor3-expert", trained, full},
    };
    std::string page = "| claim | difference, nats (seeds) | verdict |\n|---|---|---|\n";
    for (const Claim& claim : claims) {
        page += verdict(results, claim);
    }
    return page;
}

} // namespace

std::string resultsPage(const Experiment& experiment,
                        const std::vector<std::optional<CellResult>>& results) {
    const auto finished = std::count_if(results.begin(), results.end(),
                                        [](const auto& result) { return result.has_value(); });
    std::string machine = "not run";
    for (const auto& result : results) {
        machine = result ? result->machine : machine;
    }
    std::string page = fmt::format(
        "## Experiment {}\n\n{} of {} cells run ({}). Each: {} s of processor time on one thread, "
        "constant learning rate 2e-3 after 100 steps of warm-up, 1,024 tokens per step, vocabulary "
        "512, context 128. Losses are nats per token on fixed validation windows: mean ± standard "
        "deviation (seeds). One run serves all three columns: its curve is read where the slowest "
        "system ends.\n\n| system | what |\n|---|---|\n",
        experiment.name, finished, results.size(), machine,
        numberText("%.0f", experiment.trainSeconds));
    for (const System& system : experiment.systems) {
        page += fmt::format("| {} | {} |\n", system.name, system.what);
    }
    page += fmt::format("\n### Graded text\n\n{}", lossTable(experiment, results, "graded"));
    page += fmt::format("\n### Claims\n\nDecided where the mean difference over seeds exceeds two "
                        "standard errors.\n\n{}",
                        verdicts(results));
    page += fmt::format(
        "\n### The finished models under other rules, and routing regret\n\nRegret: nats per token "
        "that the best depths, found by trying each depth for each token, would have saved; at "
        "equal steps, with no more recursion steps than the router used.\n\n{}",
        rulesTable(experiment, results));
    page += fmt::format("\n### Mean depth by token class\n\n{}", classTable(experiment, results));
    page += fmt::format("\n### Tiny Shakespeare, one seed\n\n{}",
                        lossTable(experiment, results, "shakespeare"));
    return page;
}

} // namespace depthscope::train
