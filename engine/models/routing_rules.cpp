// SPDX-License-Identifier: MIT
#include "engine/models/routing_rules.h"

#include "engine/base/error.h"

#include <algorithm>

namespace depthscope::models {

using settings::KvPolicy;
using settings::Rule;

namespace {

Rule trainedRule(const ModelConfig& config) {
    if (!config.hasRecursion()) {
        return Rule::Fixed;
    }
    return config.mor.type == RouterType::Expert ? Rule::TopK : Rule::Token;
}

Rule defaultRule(const ModelConfig& config, RoutingUse use) {
    const Rule trained = trainedRule(config);
    return trained == Rule::TopK && use == RoutingUse::Generation ? Rule::Threshold : trained;
}

std::string namesOf(const std::vector<Rule>& rules) {
    std::string names = "model";
    for (const Rule rule : rules) {
        names += ", " + std::string(settings::toString(rule));
    }
    return names;
}

void checkRule(const ModelConfig& config, Rule rule, RoutingUse use) {
    const std::vector<Rule> possible = possibleRules(config, use);
    if (std::find(possible.begin(), possible.end(), rule) != possible.end()) {
        return;
    }
    const std::string name(settings::toString(rule));
    const bool looksAhead =
        use == RoutingUse::Generation && (rule == Rule::TopK || rule == Rule::Random);
    const std::string why = looksAhead
                                ? " chooses among tokens that are not there yet when generating"
                                : " is not something that this model's router can do";
    throw Error(ErrorCode::Usage, "routing: " + name + why,
                "It can do: " + namesOf(possible) + ".");
}

void checkKv(KvPolicy policy) {
    if (policy != KvPolicy::Model && policy != KvPolicy::Recursion) {
        throw Error(ErrorCode::Usage,
                    "kv: " + std::string(settings::toString(policy)) +
                        " is not available for this model",
                    "It can do: model, recursion.");
    }
}

} // namespace

std::vector<Rule> possibleRules(const ModelConfig& config, RoutingUse use) {
    if (!config.hasRecursion()) {
        return {Rule::Fixed};
    }
    if (config.mor.type == RouterType::Token) {
        return {Rule::Token, Rule::Fixed};
    }
    if (use == RoutingUse::Generation) {
        return {Rule::Threshold, Rule::Fixed};
    }
    return {Rule::TopK, Rule::Threshold, Rule::Fixed, Rule::Random};
}

ResolvedRouting
resolveRouting(const ModelConfig& config, const settings::RoutingSettings& asked, RoutingUse use) {
    ResolvedRouting routing;
    routing.settings = asked;
    Rule& rule = routing.settings.rule;
    if (rule == Rule::Model) {
        rule = defaultRule(config, use);
    }
    checkRule(config, rule, use);
    checkKv(asked.kv);
    routing.settings.kv = KvPolicy::Recursion;

    const int recursions = config.recursions();
    routing.depth = recursions;
    if (rule == Rule::Fixed && asked.fixedDepth > 0) {
        if (asked.fixedDepth > recursions) {
            throw Error(ErrorCode::Usage,
                        "routing: fixed:" + std::to_string(asked.fixedDepth) +
                            " is deeper than the model's " + std::to_string(recursions) +
                            " recursions",
                        "Choose fixed:1 to fixed:" + std::to_string(recursions) + ".");
        }
        routing.depth = asked.fixedDepth;
    }
    if (asked.maxDepth > 0) {
        routing.depth = std::min(routing.depth, asked.maxDepth);
    }

    const bool ranks = rule == Rule::TopK || rule == Rule::Random;
    std::vector<Fraction>& capacity = routing.settings.capacity;
    settings::checkCapacity(capacity);
    if (capacity.empty()) {
        capacity = config.hasRecursion() ? config.mor.capacity : std::vector<Fraction>{};
    } else if (static_cast<int>(capacity.size()) != recursions) {
        throw Error(ErrorCode::BadInput,
                    "capacity has " + std::to_string(capacity.size()) + " entries, the model has " +
                        std::to_string(recursions) + " recursions",
                    "Give one capacity for each recursion.");
    }
    routing.causal = !ranks;
    routing.offDistribution = rule != trainedRule(config) || routing.depth != recursions ||
                              (ranks && capacity != config.mor.capacity);
    return routing;
}

} // namespace depthscope::models
