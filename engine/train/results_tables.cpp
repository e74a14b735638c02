// SPDX-License-Identifier: MIT
#include "engine/train/results_tables.h"

#include "engine/base/text.h"

#include <algorithm>
#include <cmath>

namespace depthscope::train {

double lossAt(const CellResult& result, Axis axis, double at) {
    return valueAt(result.curve, "val_loss", axis, at);
}

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

namespace {

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

} // namespace

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

Question natsUnder(const std::string& rule) {
    return [rule](const CellResult& result) {
        const RuleScore* score = result.scoreUnder(rule);
        return score == nullptr ? kUnknown : score->nats;
    };
}

Verdict verdictOf(const Results& results, const Claim& claim) {
    const Spread spread =
        spreadOf(differences(answers(results, claim.better, "graded", claim.betterQuestion),
                             answers(results, claim.worse, "graded", claim.worseQuestion)));
    if (spread.count < 2) {
        return spread.count == 0 ? Verdict::NotRun : Verdict::OneSeed;
    }
    return !spread.isApartFrom(0) ? Verdict::Undecided
           : spread.mean < 0      ? Verdict::Confirmed
                                  : Verdict::Contradicted;
}

namespace {

const char* wordOf(Verdict verdict) {
    switch (verdict) {
    case Verdict::Confirmed:
        return "confirmed";
    case Verdict::Contradicted:
        return "**contradicted**";
    case Verdict::OneSeed:
        return "one seed: undecided";
    case Verdict::NotRun:
    case Verdict::Undecided:
        break;
    }
    return "undecided";
}

std::string claimRow(const Results& results, const Claim& claim) {
    const Spread spread =
        spreadOf(differences(answers(results, claim.better, "graded", claim.betterQuestion),
                             answers(results, claim.worse, "graded", claim.worseQuestion)));
    std::string line = fmt::format("| {} | ", claim.statement);
    if (spread.count == 0) {
        return fmt::format("{}not run | |\n", line);
    }
    line += fmt::format("{} ({}) | {}", numberText("%+.4f", spread.mean), spread.count,
                        wordOf(verdictOf(results, claim)));
    return spread.count < 2 ? fmt::format("{} |\n", line)
                            : fmt::format("{}, standard error {} |\n", line,
                                          numberText("%.4f", spread.standardError()));
}

} // namespace

std::string
classTable(const Results& results, const std::string& head, const std::vector<ClassRow>& rows) {
    const auto finished = std::ranges::find_if(
        results, [](const auto& result) { return result && !result->classDepth.empty(); });
    if (finished == results.end()) {
        return "Not run.\n";
    }
    std::string page = fmt::format("| {} |", head), line = "|---|";
    for (const auto& [name, depth] : (*finished)->classDepth) {
        page += fmt::format(" {} |", name);
        line += "---|";
    }
    page += fmt::format("\n{}\n", line);
    for (const ClassRow& row : rows) {
        page += fmt::format("| {} |", row.label);
        for (const auto& [name, depth] : (*finished)->classDepth) {
            page +=
                fmt::format(" {} |", cellText(results, row.system, "graded", row.question(name)));
        }
        page += "\n";
    }
    return page;
}

std::string claimsTable(const Results& results, const std::vector<Claim>& claims) {
    std::string page = "| claim | difference, nats (seeds) | verdict |\n|---|---|---|\n";
    for (const Claim& claim : claims) {
        page += claimRow(results, claim);
    }
    return page;
}

std::string pageHead(const Experiment& experiment, const Results& results) {
    const auto finished = std::count_if(results.begin(), results.end(),
                                        [](const auto& result) { return result.has_value(); });
    std::string machine = "not run";
    for (const auto& result : results) {
        machine = result ? result->machine : machine;
    }
    std::string page = fmt::format(
        "## Experiment {}\n\n{} of {} cells run ({}). Each: {} on one thread, "
        "constant learning rate 2e-3 after 100 steps of warm-up, 1,024 tokens per step, vocabulary "
        "512, context 128. Losses are nats per token on fixed validation windows: mean ± standard "
        "deviation (seeds). One run serves all three columns: its curve is read where the slowest "
        "system ends.\n\n| system | what |\n|---|---|\n",
        experiment.name, finished, results.size(), machine, experiment.budget());
    for (const System& system : experiment.systems) {
        page += fmt::format("| {} | {} |\n", system.name, system.what);
    }
    return page;
}

} // namespace depthscope::train
