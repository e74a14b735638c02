// SPDX-License-Identifier: MIT
// The results of the experiment `looped` as Markdown. Every figure comes from the cells; a missing
// one is "not run".
#include "engine/base/text.h"
#include "engine/train/looped_experiment.h"
#include "engine/train/results_tables.h"

#include <cmath>

namespace depthscope::train {

namespace {

constexpr const char* kData = "graded";

/// A point of the table of losses against mean depths, by its means over the seeds.
struct Point {
    std::string system;
    std::string rule;
    double depth = kUnknown;
    double nats = kUnknown;
};

double meanOf(const Results& results, const std::string& system, const Question& question) {
    std::vector<double> values;
    for (const auto& [seed, value] : answers(results, system, kData, question)) {
        values.push_back(value);
    }
    return spreadOf(values).mean;
}

Question depthUnder(const std::string& rule) {
    return [rule](const CellResult& result) {
        const RuleScore* score = result.scoreUnder(rule);
        return score == nullptr ? kUnknown : score->meanDepth;
    };
}

Question flopsUnder(const std::string& rule) {
    return [rule](const CellResult& result) {
        const RuleScore* score = result.scoreUnder(rule);
        return score == nullptr ? kUnknown : score->flopsPerToken / 1e6;
    };
}

std::vector<Point> pointsOf(const Experiment& experiment, const Results& results) {
    std::vector<Point> points;
    for (const System& system : experiment.systems) {
        for (const AskedRule& rule : system.rules) {
            if (system.model.sharesLayers()) {
                points.push_back({system.name, rule.name,
                                  meanOf(results, system.name, depthUnder(rule.name)),
                                  meanOf(results, system.name, natsUnder(rule.name))});
            }
        }
    }
    return points;
}

/// No other point is as shallow and better, or shallower and as good.
bool isOnFront(const Point& point, const std::vector<Point>& points) {
    for (const Point& other : points) {
        const bool isNoWorse = other.depth <= point.depth && other.nats <= point.nats;
        if (isNoWorse && (other.depth < point.depth || other.nats < point.nats)) {
            return false;
        }
    }
    return std::isfinite(point.nats);
}

std::string depthTable(const Experiment& experiment, const Results& results) {
    const std::vector<Point> points = pointsOf(experiment, results);
    std::string page = "| system | rule | mean depth | nats per token | MFLOP per token | front "
                       "|\n|---|---|---|---|---|---|\n";
    for (const Point& point : points) {
        const auto cell = [&](const Question& question) {
            return cellText(results, point.system, kData, question);
        };
        page += fmt::format("| {} | {} | {} | {} | {} | {} |\n", point.system, point.rule,
                            cell(depthUnder(point.rule)), cell(natsUnder(point.rule)),
                            cell(flopsUnder(point.rule)), isOnFront(point, points) ? "yes" : "");
    }
    for (const std::string& rule : exitRules()) {
        page += fmt::format("| looped-gate | {}, drawn | {} | {} | | |\n", rule,
                            cellText(results, "looped-gate", kData, depthUnder(rule)),
                            cellText(results, "looped-gate", kData, [&](const CellResult& result) {
                                return drawnExits(result, rule);
                            }));
    }
    return page;
}

Question aucUnder(const std::string& rule, const std::string& wanted) {
    return [rule, wanted](const CellResult& result) {
        const RuleScore* score = result.scoreUnder(rule);
        for (std::size_t i = 0; score != nullptr && i < score->classAuc.size(); ++i) {
            if (score->classAuc[i].first == wanted) {
                return score->classAuc[i].second;
            }
        }
        return kUnknown;
    };
}

std::string aucByClass(const Results& results) {
    const std::pair<const char*, const char*> systems[] = {
        {"mor-learned", "trained"}, {"mor-random", "trained"}, {"looped-gate", kClaimedExit}};
    std::vector<ClassRow> rows;
    for (const auto& [system, rule] : systems) {
        rows.push_back(
            {fmt::format("{}, {}", system, rule), system,
             [rule = std::string(rule)](const std::string& name) { return aucUnder(rule, name); }});
    }
    return classTable(results, "system, rule", rows);
}

struct Claims {
    std::vector<Claim> ofRouting; ///< learned against drawn: MoR trained so, MoR finished, looped
    std::vector<Claim> others;
};

Claims claimsOf(const Results& results) {
    const Ends ends = endsOf(results, kData);
    const Question flops = [ends](const CellResult& r) { return lossAt(r, flopsOf, ends.flops); };
    const Question tokens = [ends](const CellResult& r) {
        return lossAt(r, samplesOf, ends.tokens);
    };
    const Question trained = natsUnder("trained"), exits = natsUnder(kClaimedExit);
    const Question drawn = [](const CellResult& r) { return drawnExits(r, kClaimedExit); };
    const Question sameForAll = [](const CellResult& r) {
        const RuleScore* score = r.scoreUnder(kClaimedExit);
        return score == nullptr ? kUnknown : natsAtDepth(r, fixedRules(), score->meanDepth);
    };
    const double depthOfMor = meanOf(results, "mor-learned", depthUnder("trained"));
    const Question atDepthOfMor = [depthOfMor](const CellResult& r) {
        return natsAtDepth(r, exitRules(), depthOfMor);
    };
    return {
        {{"MoR: learned depth beats drawn depth, each trained that way, at equal tokens (control: "
          "mor-random)",
          "mor-learned", "mor-random", tokens, tokens},
         {"in the finished MoR, its own selection beats a drawn one of the same capacities "
          "(control: random selection)",
          "mor-learned", "mor-learned", trained, natsUnder("random")},
         {"in the finished looped model, the gate's exits at 0.5 beat exits drawn in the same "
          "shares (control: drawn exits)",
          "looped-gate", "looped-gate", exits, drawn}},
        {{"in the finished looped model, the gate's exits at 0.5 beat one depth of the same mean "
          "for all tokens (control: fixed depths, interpolated)",
          "looped-gate", "looped-gate", exits, sameForAll},
         {"looped with a gate, last recursion, beats looped at a fixed depth, at equal training "
          "FLOPs (control: looped-fixed)",
          "looped-gate", "looped-fixed", flops, flops},
         {"looped with a gate, last recursion, beats vanilla at equal parameters and equal tokens "
          "(control: vanilla-parameters)",
          "looped-gate", "vanilla-parameters", tokens, tokens},
         {"looped with a gate, last recursion, beats vanilla at equal training FLOPs (control: "
          "vanilla-flops)",
          "looped-gate", "vanilla-flops", flops, flops},
         {"MoR with learned depth beats looped at a fixed depth, at equal training FLOPs (control: "
          "looped-fixed)",
          "mor-learned", "looped-fixed", flops, flops},
         {"the gate's exits beat MoR at MoR's mean depth, after equal processor time (control: "
          "mor-learned)",
          "looped-gate", "mor-learned", atDepthOfMor, trained},
         {"stopping at 0.5 (latest) beats exits at 0.5 as published, which run everything "
          "(control: as published)",
          "looped-gate", "looped-gate", natsUnder("exit:0.5 stop, latest"), exits}},
    };
}

/// What the claims say of learned routing.
std::string routingSentence(const Results& results, const Claims& claims) {
    const auto said = [&](const char* subject, const std::vector<Verdict>& verdicts) {
        bool isBetter = true, isKnown = true;
        for (const Verdict verdict : verdicts) {
            isBetter = isBetter && verdict == Verdict::Confirmed;
            isKnown = isKnown && verdict != Verdict::NotRun && verdict != Verdict::OneSeed;
        }
        return fmt::format("{}: {}.", subject,
                           !isKnown   ? "not decided, too few seeds are run"
                           : isBetter ? "learned routing is better than random"
                                      : "learned routing does not beat random here");
    };
    const std::vector<Claim>& of = claims.ofRouting;
    return said("MoR, trained that way", {verdictOf(results, of[0])}) + " " +
           said("The finished MoR", {verdictOf(results, of[1])}) + " " +
           said("The exit gate", {verdictOf(results, of[2])}) + "\n";
}

std::vector<Claim> joined(std::vector<Claim> first, const std::vector<Claim>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

} // namespace

std::string loopedResultsPage(const Experiment& experiment,
                              const std::vector<std::optional<CellResult>>& results) {
    const Claims claims = claimsOf(results);
    std::string page = pageHead(experiment, results);
    page += fmt::format("\n### Losses while training\n\nOf a looped model those of its last "
                        "recursion.\n\n{}",
                        lossTable(experiment, results, kData));
    page += fmt::format("\n### Claims\n\nDecided where the mean difference over seeds exceeds two "
                        "standard errors. {}\n{}",
                        routingSentence(results, claims),
                        claimsTable(results, joined(claims.ofRouting, claims.others)));
    page += fmt::format(
        "\n### Loss against mean depth\n\nThe finished models on {} held-out tokens. *As "
        "published* (`exit` alone) all recursions run and the exit chooses the answer; with "
        "*stop* a token runs no further one, and later tokens read its latest entries, none "
        "(skip), or, token by token, its last recursion's (last). *Drawn*: exits in the same "
        "shares, drawn. *Front*: no other row is as shallow and better.\n\n{}",
        experiment.scoredTokens, depthTable(experiment, results));
    page += fmt::format("\n### Depth and class\n\nThe probability that a token of the class is "
                        "deeper than one of another, ties half: 0.5 says nothing.\n\n{}",
                        aucByClass(results));
    return page;
}

} // namespace depthscope::train
