// SPDX-License-Identifier: MIT
#include "engine/recording/step_check.h"

#include "engine/base/error.h"
#include "engine/trace/difficulty.h"

#include <algorithm>
#include <functional>

namespace depthscope::recording {

namespace {

constexpr std::size_t kMaxClassRanges = 1'000'000;
constexpr std::size_t kMaxKvGroups = 4'096;
/// Weights are shares of 1; arithmetic may round a little above it.
constexpr float kMostWeight = 1.001F;

std::string count(const char* what, std::size_t is, std::size_t expected) {
    return std::string(what) + ": " + std::to_string(is) + " values where " +
           std::to_string(expected) + " are expected";
}

bool isClass(std::uint8_t value) {
    return value == trace::kNoClass || value < trace::kDifficultyNames.size();
}

std::optional<std::string> faultOfSizes(const trace::StepTrace& step) {
    const std::size_t tokens = step.tokens();
    if (tokens > kMaxTokensPerStep) {
        return count("ids", tokens, kMaxTokensPerStep);
    }
    if (step.recursions < 1 || step.recursions > kMaxRecursions) {
        return "recursions: " + std::to_string(step.recursions) + " is outside 1..64";
    }
    const std::size_t scores = tokens * static_cast<std::size_t>(step.recursions);
    if (scores > kMaxScoresPerStep) {
        return count("scores", scores, kMaxScoresPerStep);
    }
    if (step.depth.size() != tokens) {
        return count("depth", step.depth.size(), tokens);
    }
    if (!step.classes.empty() && step.classes.size() != tokens) {
        return count("classes", step.classes.size(), tokens);
    }
    if (!step.nll.empty() && step.nll.size() != tokens) {
        return count("nll", step.nll.size(), tokens);
    }
    if (!step.scores.empty() && step.scores.size() != scores) {
        return count("scores", step.scores.size(), scores);
    }
    if (!step.pieceEnds.empty() && step.pieceEnds.size() != tokens) {
        return count("pieceEnds", step.pieceEnds.size(), tokens);
    }
    if (step.text.size() > kMaxTextBytes) {
        return count("text", step.text.size(), kMaxTextBytes);
    }
    return std::nullopt;
}

std::optional<std::string> faultOfValues(const trace::StepTrace& step) {
    for (std::size_t t = 0; t < step.tokens(); ++t) {
        if (step.depth[t] > step.recursions) {
            return "depth of token " + std::to_string(t) + " is " + std::to_string(step.depth[t]);
        }
    }
    if (!std::all_of(step.classes.begin(), step.classes.end(), isClass)) {
        return "classes: an unknown difficulty class";
    }
    if (!std::is_sorted(step.pieceEnds.begin(), step.pieceEnds.end()) ||
        (!step.pieceEnds.empty() && step.pieceEnds.back() > step.text.size())) {
        return "pieceEnds do not divide the text";
    }
    return std::nullopt;
}

/// Sizes first: nothing is looked at before its place is known to be there.
std::optional<std::string> faultOfExperts(const trace::StepTrace& step) {
    if (step.experts.size() > kMaxExpertLayers) {
        return count("layers of experts", step.experts.size(), kMaxExpertLayers);
    }
    int lastLayer = -1;
    for (const trace::ExpertChoices& choices : step.experts) {
        const std::string name = "experts of layer " + std::to_string(choices.layer);
        if (choices.layer <= lastLayer) {
            return name + ": the layers do not ascend";
        }
        lastLayer = choices.layer;
        if (choices.experts < 1 || choices.experts > kMaxExperts || choices.perToken < 1 ||
            choices.perToken > choices.experts) {
            return name + ": " + std::to_string(choices.perToken) + " of " +
                   std::to_string(choices.experts) + " are impossible";
        }
        const std::size_t expected = step.tokens() * static_cast<std::size_t>(choices.perToken);
        if (choices.index.size() != expected || choices.weight.size() != expected) {
            return count(name.c_str(), std::min(choices.index.size(), choices.weight.size()),
                         expected);
        }
        for (std::size_t i = 0; i < expected; ++i) {
            // Negated, so that a weight that is no number is refused too.
            if (choices.index[i] >= choices.experts ||
                !(choices.weight[i] >= 0 && choices.weight[i] <= kMostWeight)) {
                return name + ": choice " + std::to_string(i) + " is out of range";
            }
        }
    }
    return std::nullopt;
}

std::vector<trace::ExpertChoices> shapeOf(const std::vector<trace::ExpertChoices>& experts) {
    std::vector<trace::ExpertChoices> shape;
    shape.reserve(experts.size());
    for (const trace::ExpertChoices& choices : experts) {
        shape.push_back({choices.layer, choices.experts, choices.perToken, {}, {}});
    }
    return shape;
}

bool sameShape(const std::vector<trace::ExpertChoices>& one,
               const std::vector<trace::ExpertChoices>& other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      std::mem_fn(&trace::ExpertChoices::sameLayer));
}

std::optional<std::string> faultOfKv(const trace::KvUse& kv) {
    if (kv.groups.size() > kMaxKvGroups) {
        return count("kv groups", kv.groups.size(), kMaxKvGroups);
    }
    bool sound = kv.measuredBytes >= 0 && kv.reservedBytes >= 0 && kv.predictedBytes >= 0 &&
                 kv.fullBytes >= 0;
    for (const trace::KvGroup& group : kv.groups) {
        sound = sound && group.recursion >= 0 && group.recursion <= kMaxRecursions &&
                group.bytesPerToken >= 0 && group.entries >= 0;
    }
    return sound ? std::nullopt : std::optional<std::string>("kv: a number is out of range");
}

} // namespace

std::optional<std::string> faultOf(const trace::StepTrace& step) {
    if (step.model == nullptr) {
        return "the model is missing";
    }
    if (step.firstToken < 0) {
        return "firstToken is negative";
    }
    if (step.kind > trace::StepKind::Decode || step.role > trace::RunRole::Vanilla) {
        return "kind or role is unknown";
    }
    if (auto fault = faultOfSizes(step)) {
        return fault;
    }
    if (auto fault = faultOfValues(step)) {
        return fault;
    }
    if (auto fault = faultOfExperts(step)) {
        return fault;
    }
    try {
        settings::checkRanges({.routing = step.routing, .generation = {}});
    } catch (const Error& fault) {
        return fault.message();
    }
    return faultOfKv(step.kv);
}

std::optional<std::string> faultOf(const Recipe& recipe) {
    if (recipe.prompt.size() > kMaxTextBytes || recipe.promptIds.size() > kMaxTokensPerStep) {
        return "the prompt is too long";
    }
    if (recipe.classes.size() > kMaxClassRanges) {
        return count("classes", recipe.classes.size(), kMaxClassRanges);
    }
    for (const trace::ClassRange& range : recipe.classes) {
        if (range.begin > range.end || range.end > recipe.prompt.size() ||
            !isClass(range.difficulty)) {
            return "classes: a range lies outside the prompt, or its class is unknown";
        }
    }
    try {
        settings::checkRanges(recipe.settings);
    } catch (const Error& fault) {
        return fault.message();
    }
    return std::nullopt;
}

std::optional<std::string> StepOrder::faultOfNext(const trace::StepTrace& step) {
    if (auto fault = faultOf(step)) {
        return fault;
    }
    // A recording may begin in the middle of a run; from there on nothing may be missing.
    const auto [entry, isFirst] = m_runs.try_emplace({step.run, step.role});
    Run& run = entry->second;
    if (!isFirst && (step.step != run.nextStep || step.recursions != run.recursions ||
                     !sameShape(step.experts, run.experts))) {
        return "step " + std::to_string(run.nextStep) +
               " of its run, with the same recursions and experts, is expected";
    }
    run.nextStep = std::uint64_t{step.step} + 1;
    run.recursions = step.recursions;
    run.experts = shapeOf(step.experts);
    return std::nullopt;
}

} // namespace depthscope::recording
