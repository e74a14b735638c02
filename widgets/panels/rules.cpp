// SPDX-License-Identifier: MIT
#include "widgets/panels/rules.h"

#include <algorithm>

namespace depthscope::panels {

using settings::KvPolicy;
using settings::Rule;
using trace::RouterKind;

RouterKind routerFor(Rule rule) {
    switch (rule) {
    case Rule::TopK:
    case Rule::Threshold:
    case Rule::Random:
    case Rule::Aux:
        return RouterKind::Expert;
    case Rule::Token:
        return RouterKind::Token;
    case Rule::Model:
    case Rule::Fixed:
        break;
    }
    return RouterKind::None;
}

namespace {

template <class Value>
bool contains(const std::vector<Value>& list, Value value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool ranks(Rule rule) {
    return rule == Rule::TopK || rule == Rule::Random;
}

} // namespace

bool canDo(const trace::ModelInfo& model, Rule rule) {
    if (rule == Rule::Model) {
        return true;
    }
    return contains(model.passRules.possible, rule);
}

bool comparesWithTau(Rule rule) {
    return rule == Rule::Threshold || rule == Rule::Aux;
}

std::vector<KvPolicy> policiesOf(const trace::ModelInfo& model) {
    return model.kvPolicies.empty() ? std::vector<KvPolicy>{KvPolicy::Recursion} : model.kvPolicies;
}

KvPolicy shownPolicy(const trace::ModelInfo& model, KvPolicy policy) {
    const KvPolicy shown = policy == KvPolicy::Model ? model.trainedKv : policy;
    return shown == KvPolicy::Model ? KvPolicy::Recursion : shown;
}

Rule shownRule(const trace::ModelInfo& model, Rule rule) {
    return rule == Rule::Model ? model.passRules.standard : rule;
}

settings::RoutingSettings effectiveRouting(const trace::ModelInfo& model,
                                           const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = wanted;
    const auto recursions = static_cast<std::size_t>(std::max(1, model.recursions));
    if (!canDo(model, routing.rule)) {
        routing.rule = Rule::Model;
    }
    if (!contains(policiesOf(model), routing.kv)) {
        routing.kv = KvPolicy::Model;
    }
    if (routing.capacity.size() != recursions || model.router != RouterKind::Expert ||
        !ranks(shownRule(model, routing.rule))) {
        routing.capacity.clear();
    }
    routing.fixedDepth = std::min(routing.fixedDepth, model.recursions);
    routing.maxDepth = routing.maxDepth >= model.recursions ? 0 : routing.maxDepth;
    return routing;
}

settings::RoutingSettings causalRouting(const trace::ModelInfo& model,
                                        const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = effectiveRouting(model, wanted);
    if (!contains(model.generationRules.possible, routing.rule)) {
        routing.rule = model.generationRules.standard;
        routing.capacity.clear();
    }
    return routing;
}

std::vector<Fraction> capacitiesOf(const trace::ModelInfo& model,
                                   const settings::RoutingSettings& wanted) {
    const auto recursions = static_cast<std::size_t>(std::max(1, model.recursions));
    if (wanted.capacity.size() == recursions) {
        return wanted.capacity;
    }
    if (model.trainedCapacity.size() == recursions) {
        return model.trainedCapacity;
    }
    return std::vector<Fraction>(recursions, Fraction{1, 1});
}

} // namespace depthscope::panels
