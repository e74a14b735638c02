// SPDX-License-Identifier: MIT
#include "engine/train/experiment.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/train/cell_file.h"
#include "engine/train/json_values.h"
#include "engine/train/looped_experiment.h"
#include "engine/train/video_experiment.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::train {

using nlohmann::json;
using spec::Family;
using spec::LanguageSpec;
using spec::RouterType;
using spec::Sharing;

LanguageSpec smallModel(std::int64_t layers) {
    LanguageSpec model;
    model.vocabulary = 512;
    model.width = 96;
    model.ffn = 256;
    model.layers = layers;
    model.heads = 4;
    model.kvHeads = 2;
    model.headDim = 24;
    model.context = 128;
    model.eosTokens = {0};
    return model;
}

namespace {

LanguageSpec recursive(int count, std::int64_t block) {
    LanguageSpec model = smallModel(2 + count * block);
    model.family = Family::RecursiveLlama;
    model.recursion = {Sharing::MiddleCycle, count};
    return model;
}

LanguageSpec routed(int count, std::int64_t block, RouterType type) {
    return spec::withRouter(recursive(count, block), type);
}

LanguageSpec randomlyRouted() {
    LanguageSpec model = routed(3, 2, RouterType::Expert);
    model.mor.randomRouter = true;
    return model;
}

settings::RoutingSettings under(settings::Rule rule) {
    settings::RoutingSettings routing;
    routing.rule = rule;
    return routing;
}

System systemOf(std::string name, std::string what, LanguageSpec model) {
    using settings::Rule;
    System system{std::move(name), std::move(what), std::move(model), 0, {{"trained", {}}}};
    if (system.model.hasRouter()) {
        if (system.model.mor.type == RouterType::Expert) {
            system.rules.push_back({"threshold", under(Rule::Threshold)});
            system.rules.push_back({"topk", under(Rule::TopK)});
        }
        system.rules.push_back({"random", under(Rule::Random)});
        system.rules.push_back({"full", under(Rule::Fixed)});
    }
    return system;
}

Experiment morSmall() {
    Experiment experiment;
    experiment.name = "mor-small";
    experiment.systems = {
        systemOf("vanilla", "8 unshared layers", smallModel(8)),
        systemOf("shallow", "4 layers: as many parameters as MoR-3, no recursion", smallModel(4)),
        systemOf("recursive3", "1 + 2x3 + 1, every token at full depth", recursive(3, 2)),
        systemOf("mor2-expert", "1 + 3x2 + 1, expert-choice", routed(2, 3, RouterType::Expert)),
        systemOf("mor3-expert", "1 + 2x3 + 1, expert-choice", routed(3, 2, RouterType::Expert)),
        systemOf("mor3-token", "1 + 2x3 + 1, token-choice", routed(3, 2, RouterType::Token)),
        systemOf("mor3-random", "mor3-expert with random instead of learned selection",
                 randomlyRouted()),
        systemOf("fixed2", "1 + 2x2 + 1: parameters and mean depth of MoR-3, no router",
                 recursive(2, 2)),
    };
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        for (const System& system : experiment.systems) {
            experiment.cells.push_back({system.name, "graded", seed});
        }
        if (seed == 1) {
            for (const System& system : experiment.systems) {
                experiment.cells.push_back({system.name, "shakespeare", seed});
            }
        }
    }
    experiment.scoredTokens = 40'000;
    experiment.regretTokens = 960;
    return experiment;
}

std::filesystem::path fileOf(const std::filesystem::path& folder, const Cell& cell) {
    return folder / (cell.name() + ".json");
}

std::vector<std::pair<std::string, double>> classesFrom(const json& object, const char* key) {
    std::vector<std::pair<std::string, double>> classes;
    const auto found = object.find(key);
    if (found != object.end() && found->is_object()) {
        for (const auto& entry : found->items()) {
            classes.emplace_back(entry.key(), numberOr(*found, entry.key().c_str()));
        }
    }
    return classes;
}

RuleScore scoreFrom(const json& entry) {
    RuleScore score{textOr(entry, "rule"),
                    numberOr(entry, "nats"),
                    numberOr(entry, "mean_depth"),
                    numberOr(entry, "flops_per_token"),
                    numberOr(entry, "accuracy"),
                    {},
                    {}};
    const auto shares = entry.find("depth_shares");
    for (std::size_t d = 0; shares != entry.end() && d < shares->size(); ++d) {
        score.depthShares.push_back((*shares)[d].is_number() ? (*shares)[d].get<double>() : 0.0);
    }
    score.classAuc = classesFrom(entry, "class_auc");
    return score;
}

} // namespace

std::string Cell::name() const {
    return system + "-" + data + "-" + std::to_string(seed);
}

const System& Experiment::system(const std::string& wanted) const {
    for (const System& one : systems) {
        if (one.name == wanted) {
            return one;
        }
    }
    throw Error(ErrorCode::Internal, fmt::format("experiment {} has no system {}", name, wanted),
                "This is a bug: report it.");
}

spec::Preset Experiment::presetOf(const Cell& cell) const {
    spec::Preset preset;
    preset.name = cell.name();
    preset.model = system(cell.system).model;
    preset.gateShare = system(cell.system).gateShare;
    preset.steps = steps > 0 ? steps : 1'000'000'000; // ends by time
    preset.batch = 8;
    preset.sequence = 128;
    preset.schedule = {spec::RateShape::Constant, 2e-3, 100, 0};
    preset.seed = cell.seed;
    preset.evaluateEvery = steps > 0 ? std::clamp<std::int64_t>(steps / 4, 1, 50) : 50;
    preset.validationSequences = steps > 0 ? std::clamp<std::int64_t>(steps, 8, 96) : 96;
    preset.vocabulary = 512;
    if (steps > 0) { // a trial, or a test
        constexpr std::int64_t kLittleText = 300'000;
        preset.gradedBytes = kLittleText;
    }
    return preset;
}

std::string Experiment::budget() const {
    return steps > 0 ? fmt::format("{} steps", steps)
                     : fmt::format("{:.0f} s of processor time", trainSeconds);
}

const RuleScore* CellResult::scoreUnder(const std::string& rule) const {
    const auto found = std::ranges::find(scores, rule, &RuleScore::rule);
    return found == scores.end() ? nullptr : &*found;
}

const Experiment& findExperiment(const std::string& name) {
    static const Experiment experiment = morSmall();
    if (name == experiment.name) {
        return experiment;
    }
    throw Error(ErrorCode::Usage, fmt::format("unknown experiment: {}", name),
                fmt::format("Valid experiments: {}, {}, {}.", experiment.name, kLooped, kMoreDit));
}

std::optional<CellResult> readResult(const std::filesystem::path& folder, const Cell& cell) {
    const std::optional<json> read = readCellFile(fileOf(folder, cell), "scores");
    if (!read) {
        return std::nullopt;
    }
    const json& root = *read;
    CellResult result;
    result.cell = cell;
    result.budget = textOr(root, "budget");
    result.parameters = static_cast<std::int64_t>(numberOr(root, "parameters", 0));
    result.curve = parseCurve(root["curve"].dump());
    for (const json& entry : root["scores"]) {
        result.scores.push_back(scoreFrom(entry));
    }
    result.regret = numberOr(root, "regret");
    result.regretAtEqualCost = numberOr(root, "regret_at_equal_cost");
    result.classDepth = classesFrom(root, "class_depth");
    result.machine = textOr(root, "machine");
    return result;
}

void writeResult(const std::filesystem::path& folder, const CellResult& result) {
    json root{{"system", result.cell.system},
              {"data", result.cell.data},
              {"seed", result.cell.seed},
              {"budget", result.budget},
              {"parameters", result.parameters},
              {"regret", finiteOrNull(result.regret)},
              {"regret_at_equal_cost", finiteOrNull(result.regretAtEqualCost)},
              {"machine", result.machine},
              {"curve", json::parse(curveText(result.curve))},
              {"scores", json::array()},
              {"class_depth", json::object()}};
    for (const RuleScore& score : result.scores) {
        json entry{{"rule", score.rule},
                   {"nats", finiteOrNull(score.nats)},
                   {"mean_depth", finiteOrNull(score.meanDepth)},
                   {"flops_per_token", finiteOrNull(score.flopsPerToken)},
                   {"accuracy", finiteOrNull(score.accuracy)},
                   {"depth_shares", score.depthShares},
                   {"class_auc", json::object()}};
        for (const auto& [name, auc] : score.classAuc) {
            entry["class_auc"][name] = finiteOrNull(auc);
        }
        root["scores"].push_back(std::move(entry));
    }
    for (const auto& [name, depth] : result.classDepth) {
        root["class_depth"][name] = finiteOrNull(depth);
    }
    writeCellFile(fileOf(folder, result.cell), root);
}

} // namespace depthscope::train
