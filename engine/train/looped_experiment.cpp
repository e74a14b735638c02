// SPDX-License-Identifier: MIT
#include "engine/train/looped_experiment.h"

#include "engine/base/text.h"
#include "engine/train/chosen_systems.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace depthscope::train {

using settings::Exits;
using settings::KvPolicy;
using settings::RoutingSettings;
using settings::Rule;
using spec::LanguageSpec;

namespace {

constexpr int kRecursions = 4;
constexpr std::int64_t kBlock = 2;
constexpr double kExits[] = {0.1, 0.3, 0.5, 0.7, 0.9, 0.99};

LanguageSpec recursive(spec::Family family) {
    LanguageSpec model = smallModel(kRecursions * kBlock);
    model.family = family;
    model.recursion = {spec::Sharing::Cycle, kRecursions};
    return model;
}

LanguageSpec mor(bool isDrawn) {
    LanguageSpec model =
        spec::withRouter(recursive(spec::Family::RecursiveLlama), spec::RouterType::Expert);
    model.mor.randomRouter = isDrawn;
    return model;
}

/// It always answers after the last recursion, and learns that one's answers alone.
LanguageSpec loopedFixed() {
    LanguageSpec model = recursive(spec::Family::Ouro);
    model.loop.exitStep = kRecursions - 1;
    return model;
}

AskedRule fixedAt(int depth) {
    RoutingSettings routing;
    routing.rule = Rule::Fixed;
    routing.fixedDepth = depth;
    return {fmt::format("fixed:{}", depth), routing};
}

AskedRule exitAt(double threshold, Exits exits = Exits::Published) {
    RoutingSettings routing;
    routing.rule = Rule::Exit;
    routing.exit = threshold;
    routing.exits = exits;
    return {fmt::format("exit:{}", threshold), routing};
}

AskedRule named(const char* suffix, KvPolicy policy, AskedRule rule) {
    rule.name += suffix;
    rule.routing.kv = policy;
    return rule;
}

std::vector<AskedRule> fixedDepths() {
    std::vector<AskedRule> rules{{"trained", {}}};
    for (int depth = 1; depth <= kRecursions; ++depth) {
        rules.push_back(fixedAt(depth));
    }
    return rules;
}

std::vector<AskedRule> rulesOfMor() {
    std::vector<AskedRule> rules = fixedDepths();
    for (const double tau : {0.3, 0.5, 0.7}) {
        RoutingSettings routing;
        routing.rule = Rule::Threshold;
        routing.tau = tau;
        rules.push_back({fmt::format("threshold:{}", tau), routing});
    }
    RoutingSettings random;
    random.rule = Rule::Random;
    rules.push_back({"random", random});
    return rules;
}

std::vector<AskedRule> rulesOfGate() {
    std::vector<AskedRule> rules = fixedDepths();
    RoutingSettings weighted;
    weighted.rule = Rule::Weighted;
    rules.push_back({"weighted", weighted});
    for (const double threshold : kExits) {
        rules.push_back(exitAt(threshold));
    }
    for (const double threshold : kExits) {
        rules.push_back(named(" stop, latest", KvPolicy::Latest, exitAt(threshold, Exits::Stop)));
    }
    const double claimed = kExits[2];
    rules.push_back(named(" stop, skip", KvPolicy::Skip, exitAt(claimed, Exits::Stop)));
    rules.push_back(named(" stop, last", KvPolicy::Last, exitAt(claimed, Exits::Stop)));
    rules.push_back(named(", last", KvPolicy::Last, exitAt(claimed)));
    return rules;
}

std::vector<System> allSystems() {
    constexpr double kGateShare = 0.2;
    return {
        {"mor-learned", "MoR, 2 layers, 4 recursions, expert-choice of capacity 1, 3/4, 1/2, 1/4",
         mor(false), 0, rulesOfMor()},
        {"mor-random", "the same, trained with random selection: the control of mor-learned",
         mor(true), 0, rulesOfMor()},
        {"looped-gate", "looped, 2 layers, 4 recursions, an exit gate that learns in two stages",
         recursive(spec::Family::Ouro), kGateShare, rulesOfGate()},
        {"looped-fixed", "the same at a fixed depth of 4: learns the last recursion's answers",
         loopedFixed(), 0, fixedDepths()},
        {"vanilla-parameters",
         "2 unshared layers: the parameters of looped-gate",
         smallModel(kBlock),
         0,
         {{"trained", {}}}},
        {"vanilla-flops",
         "8 unshared layers: the layers that looped-gate runs",
         smallModel(kRecursions * kBlock),
         0,
         {{"trained", {}}}},
    };
}

} // namespace

Experiment looped(const LoopedChoices& choices) {
    constexpr int kSeeds = 3;
    constexpr std::int64_t kScored = 20'000;
    constexpr double kSecondsPerMinute = 60;
    Experiment experiment;
    experiment.name = kLooped;
    experiment.systems = chosenSystems(allSystems(), choices.systems);
    if (choices.minutes > 0) {
        experiment.trainSeconds = choices.minutes * kSecondsPerMinute;
    }
    experiment.steps = choices.steps;
    experiment.scoredTokens =
        choices.steps > 0 ? std::clamp<std::int64_t>(choices.steps * 64, 256, kScored) : kScored;
    const int seeds = chosenSeeds(choices.seeds, kSeeds);
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(seeds); ++seed) {
        for (const System& system : experiment.systems) {
            experiment.cells.push_back({system.name, "graded", seed});
        }
    }
    return experiment;
}

std::vector<std::string> fixedRules() {
    std::vector<std::string> names;
    for (int depth = 1; depth <= kRecursions; ++depth) {
        names.push_back(fixedAt(depth).name);
    }
    return names;
}

std::vector<std::string> exitRules() {
    std::vector<std::string> names;
    for (const double threshold : kExits) {
        names.push_back(exitAt(threshold).name);
    }
    return names;
}

double drawnExits(const CellResult& result, const std::string& rule) {
    const RuleScore* asked = result.scoreUnder(rule);
    if (asked == nullptr || asked->depthShares.empty()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    double nats = 0;
    for (std::size_t depth = 0; depth < asked->depthShares.size(); ++depth) {
        if (asked->depthShares[depth] > 0) {
            const RuleScore* fixed = result.scoreUnder(fixedAt(static_cast<int>(depth)).name);
            nats += fixed == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                     : asked->depthShares[depth] * fixed->nats;
        }
    }
    return nats;
}

double
natsAtDepth(const CellResult& result, const std::vector<std::string>& rules, double meanDepth) {
    std::vector<std::pair<double, double>> points;
    for (const std::string& rule : rules) {
        if (const RuleScore* score = result.scoreUnder(rule)) {
            points.emplace_back(score->meanDepth, score->nats);
        }
    }
    std::ranges::sort(points);
    for (std::size_t i = 1; i < points.size(); ++i) {
        const auto& [before, low] = points[i - 1];
        const auto& [after, high] = points[i];
        if (before <= meanDepth && meanDepth <= after) {
            const double share = after > before ? (meanDepth - before) / (after - before) : 0.0;
            return low + share * (high - low);
        }
    }
    return std::numeric_limits<double>::quiet_NaN();
}

} // namespace depthscope::train
