// SPDX-License-Identifier: MIT
#include "engine/spec/routing_rules.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <algorithm>

namespace depthscope::spec {

using settings::KvPolicy;
using settings::Rule;

namespace {

Rule trainedRule(const LanguageSpec& config) {
    if (config.hasExitGate() && config.loop.exitStep < 0) {
        return Rule::Exit;
    }
    if (!config.hasRouter()) {
        return Rule::Fixed;
    }
    if (config.mor.randomRouter) {
        return Rule::Random;
    }
    return config.mor.type == RouterType::Expert ? Rule::TopK : Rule::Token;
}

std::string namesOf(const std::vector<Rule>& rules) {
    std::string names = "model";
    for (const Rule rule : rules) {
        names += ", " + std::string(settings::toString(rule));
    }
    return names;
}

void checkRule(const LanguageSpec& config, Rule rule, RoutingUse use) {
    const std::vector<Rule> possible = possibleRules(config, use);
    if (std::find(possible.begin(), possible.end(), rule) != possible.end()) {
        return;
    }
    const std::string name(settings::toString(rule));
    const bool looksAhead = use == RoutingUse::Generation && settings::ranksTokens(rule);
    const std::string why = looksAhead ? " ranks tokens that do not exist yet during generation"
                                       : " is not supported by this model's router";
    throw Error(ErrorCode::Usage, "routing: " + name + why,
                "Supported: " + namesOf(possible) + ".");
}

KvPolicy resolveKv(const LanguageSpec& config, const settings::RoutingSettings& routing) {
    const KvPolicy requested = routing.kv;
    std::vector<KvPolicy> possible = possibleKv(config);
    if (config.isLooped()) { // what is read of who stopped matters where somebody stops
        std::erase_if(possible, [&](KvPolicy policy) {
            return routing.exitStops() ? policy == KvPolicy::Recursion
                                       : policy == KvPolicy::Latest || policy == KvPolicy::Skip;
        });
    }
    if (requested == KvPolicy::Model) {
        return config.isLooped() ? possible.front() : config.kv;
    }
    if (std::find(possible.begin(), possible.end(), requested) != possible.end()) {
        return requested;
    }
    std::string names = "model";
    for (const KvPolicy policy : possible) {
        names += ", " + std::string(settings::toString(policy)) +
                 (policy == KvPolicy::Compress ? ":N" : "");
    }
    throw Error(ErrorCode::Usage,
                "kv: " + std::string(settings::toString(requested)) +
                    " is not supported by this model",
                "Supported: " + names + ".");
}

void checkLoop(const LanguageSpec& config, const settings::RoutingSettings& settings) {
    if (settings.zeroState && !config.refinesState()) {
        throw Error(ErrorCode::Usage,
                    "initial state: this model has none, so nothing starts from it",
                    "Omit it, or choose a Huginn model.");
    }
    if (config.refinesState() && settings.exits == settings::Exits::Published) {
        throw Error(ErrorCode::Usage,
                    "exit: published is not supported by this model, whose tokens always stop "
                    "where they leave",
                    "Valid values: stop.");
    }
    if (!settings.exitStops() || config.refinesState()) {
        return;
    }
    if (!config.isLooped()) {
        throw Error(ErrorCode::Usage, "exit: this model has no exit gate, so nothing stops at it",
                    "Omit it, or choose a looped model.");
    }
    if (settings.rule == Rule::Weighted) {
        throw Error(ErrorCode::Usage,
                    "exit: weighted logits need all recursions, so no token can stop",
                    "Choose the rule exit, or leave as published.");
    }
}

/// Shared keys and values must be there for every earlier token.
void checkFirstCapacity(const settings::RoutingSettings& settings, bool ranks) {
    const bool shares = settings.kv != KvPolicy::Recursion;
    if (shares && ranks && !settings.capacity.empty() &&
        settings.capacity.front() < Fraction{1, 1}) {
        throw Error(ErrorCode::Usage,
                    "kv: " + std::string(settings::toString(settings.kv)) +
                        " needs a capacity of 1 at recursion 1",
                    "Later recursions read recursion 1's keys and values of every token: set its "
                    "capacity to 1, or choose recursion-wise caching (recursion).");
    }
}

} // namespace

std::vector<Rule> possibleRules(const LanguageSpec& config, RoutingUse use) {
    if (config.hasExitGate()) {
        return {Rule::Exit, Rule::Fixed, Rule::Weighted};
    }
    if (config.refinesState()) {
        return {Rule::Fixed, Rule::Latent, Rule::Cosine, Rule::Entropy,
                Rule::Kl,    Rule::MinpKl, Rule::Argmax};
    }
    if (!config.hasRouter()) {
        return {Rule::Fixed};
    }
    const bool whole = use == RoutingUse::Pass;
    std::vector<Rule> rules;
    if (config.mor.type == RouterType::Token) {
        rules = {Rule::Token, Rule::Fixed};
    } else {
        if (whole) {
            rules.push_back(Rule::TopK);
        }
        rules.insert(rules.end(), {Rule::Threshold, Rule::Fixed});
        if (config.mor.scoreTraining == ScoreTraining::AuxRouter) {
            rules.push_back(Rule::Aux);
        }
    }
    if (whole) {
        rules.push_back(Rule::Random);
    }
    return rules;
}

Rule standardRule(const LanguageSpec& config, RoutingUse use) {
    const Rule trained = trainedRule(config);
    if (use == RoutingUse::Pass) {
        return trained;
    }
    if (trained == Rule::Random) {
        return Rule::Fixed; // its scores decide nothing
    }
    return trained == Rule::TopK ? Rule::Threshold : trained;
}

std::vector<KvPolicy> possibleKv(const LanguageSpec& config) {
    if (config.refinesState() && (config.loop.prelude != 2 || config.blockLayers() != 4)) {
        return {KvPolicy::Recursion, KvPolicy::Skip}; // others were published for 2 and 4 alone
    }
    if (config.refinesState()) {
        return {KvPolicy::Recursion, KvPolicy::Latest, KvPolicy::Skip, KvPolicy::Last,
                KvPolicy::Compress};
    }
    if (config.isLooped()) {
        return {KvPolicy::Recursion, KvPolicy::Latest, KvPolicy::Skip, KvPolicy::Last};
    }
    if (!config.sharesLayers()) {
        return {KvPolicy::Recursion};
    }
    if (config.hasRouter() && config.mor.type == RouterType::Expert) {
        return {KvPolicy::Recursion, KvPolicy::Share, KvPolicy::Hybrid};
    }
    return {KvPolicy::Recursion, KvPolicy::Share};
}

ResolvedRouting resolveRouting(const LanguageSpec& config,
                               const settings::RoutingSettings& requested,
                               RoutingUse use) {
    ResolvedRouting routing;
    routing.settings = requested;
    Rule& rule = routing.settings.rule;
    if (rule == Rule::Model) {
        rule = standardRule(config, use);
        if (config.isLooped()) {
            routing.settings.exit = std::min(config.loop.exitThreshold, 1.0);
            routing.settings.fixedDepth = config.loop.exitStep + 1;
        }
    }
    checkRule(config, rule, use);
    checkLoop(config, routing.settings);
    if (config.refinesState()) { // who has left under its rules has always stopped
        const bool leaves = settings::watchesChange(rule);
        routing.settings.exits = leaves ? settings::Exits::Stop : settings::Exits::Published;
        if (leaves && routing.settings.change == 0) {
            routing.settings.change = settings::publishedChange(rule);
        }
    } else if (config.isLooped() && !routing.settings.exitStops()) {
        routing.settings.exits = settings::Exits::Published;
    }
    routing.settings.kv = resolveKv(config, routing.settings);

    const int recursions = config.recursions();
    routing.depth = recursions;
    if (const int fixed = routing.settings.fixedDepth; rule == Rule::Fixed && fixed > 0) {
        const int deepest = config.isLooped() ? kMostRecursions : recursions;
        if (fixed > deepest) {
            throw Error(ErrorCode::Usage,
                        fmt::format("routing: fixed:{} is deeper than the {} {}", fixed, deepest,
                                    config.isLooped() ? "recursions that can be asked for"
                                                      : "recursions of the model"),
                        fmt::format("Choose fixed:1 to fixed:{}.", deepest));
        }
        routing.depth = fixed;
    }
    if (requested.maxDepth > 0) {
        routing.depth = std::min(routing.depth, requested.maxDepth);
    }

    const bool ranks = settings::ranksTokens(rule);
    std::vector<Fraction>& capacity = routing.settings.capacity;
    settings::checkCapacity(capacity);
    const bool hasCapacity = config.hasRouter() && config.mor.type == RouterType::Expert;
    if (capacity.empty()) {
        capacity = config.hasRouter() ? config.mor.capacity : std::vector<Fraction>{};
    } else if (!hasCapacity) {
        throw Error(ErrorCode::Usage,
                    "capacity: has no effect on a model without an expert-choice router",
                    "Leave the capacity out, or choose an expert-choice model.");
    } else if (!ranks) {
        throw Error(ErrorCode::Usage,
                    "capacity: has no effect under the rule " +
                        std::string(settings::toString(rule)),
                    "Leave the capacity out, or choose the rule topk or random.");
    } else if (static_cast<int>(capacity.size()) != recursions) {
        throw Error(ErrorCode::BadInput,
                    "capacity has " + std::to_string(capacity.size()) + " entries, the model has " +
                        std::to_string(recursions) + " recursions",
                    "Give one capacity for each recursion.");
    }
    checkFirstCapacity(routing.settings, ranks);
    routing.causal = !ranks || config.mor.type == RouterType::Token;
    routing.offDistribution =
        config.isLooped()
            ? routing.depth > recursions // each has learned to predict
            : routing.settings.kv != config.kv || rule != trainedRule(config) ||
                  routing.depth != recursions || (ranks && capacity != config.mor.capacity);
    return routing;
}

} // namespace depthscope::spec
