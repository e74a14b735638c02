// SPDX-License-Identifier: MIT
// The results of an experiment as Markdown. Every figure comes from the cells; a missing one is
// "not run".
#include "engine/base/text.h"
#include "engine/train/results_tables.h"

#include <algorithm>
#include <cmath>

namespace depthscope::train {

namespace {

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
            const std::string cell = cellText(results, system.name, "graded", natsUnder(rule));
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

Question depthOfClass(const std::string& wanted) {
    return [wanted](const CellResult& result) {
        const auto known = std::ranges::find(result.classDepth, wanted,
                                             [](const auto& entry) { return entry.first; });
        return known == result.classDepth.end() ? kUnknown : known->second;
    };
}

std::string depthByClass(const Experiment& experiment, const Results& results) {
    std::vector<ClassRow> rows;
    for (const System& system : experiment.systems) {
        if (system.model.hasRouter()) {
            rows.push_back({system.name, system.name, depthOfClass});
        }
    }
    return classTable(results, "system", rows);
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
    const Question trained = natsUnder("trained"), threshold = natsUnder("threshold"),
                   random = natsUnder("random"), full = natsUnder("full");
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
    return claimsTable(results, claims);
}

} // namespace

std::string resultsPage(const Experiment& experiment,
                        const std::vector<std::optional<CellResult>>& results) {
    std::string page = pageHead(experiment, results);
    page += fmt::format("\n### Graded text\n\n{}", lossTable(experiment, results, "graded"));
    page += fmt::format("\n### Claims\n\nDecided where the mean difference over seeds exceeds two "
                        "standard errors.\n\n{}",
                        verdicts(results));
    page += fmt::format(
        "\n### The finished models under other rules, and routing regret\n\nRegret: nats per token "
        "that the best depths, found by trying each depth for each token, would have saved; at "
        "equal steps, with no more recursion steps than the router used.\n\n{}",
        rulesTable(experiment, results));
    page += fmt::format("\n### Mean depth by token class\n\n{}", depthByClass(experiment, results));
    page += fmt::format("\n### Tiny Shakespeare, one seed\n\n{}",
                        lossTable(experiment, results, "shakespeare"));
    return page;
}

} // namespace depthscope::train
