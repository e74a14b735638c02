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

bool canDo(const trace::ModelInfo& model, Rule rule) {
    if (rule == Rule::Model) {
        return true;
    }
    if (rule == Rule::Aux && !model.hasAuxRouter) {
        return false;
    }
    const RouterKind needed = routerFor(rule);
    return needed == RouterKind::None ? model.recursions > 1 : needed == model.router;
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
    if (rule != Rule::Model) {
        return rule;
    }
    switch (model.router) {
    case RouterKind::Expert:
        return Rule::TopK;
    case RouterKind::Token:
        return Rule::Token;
    case RouterKind::None:
        break;
    }
    return Rule::Fixed;
}

settings::RoutingSettings effectiveRouting(const trace::ModelInfo& model,
                                           const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = wanted;
    const auto recursions = static_cast<std::size_t>(std::max(1, model.recursions));
    if (!canDo(model, routing.rule)) {
        routing.rule = Rule::Model;
    }
    const std::vector<KvPolicy> policies = policiesOf(model);
    if (std::find(policies.begin(), policies.end(), routing.kv) == policies.end()) {
        routing.kv = KvPolicy::Model;
    }
    if (routing.capacity.size() != recursions || model.router != RouterKind::Expert) {
        routing.capacity.clear();
    }
    routing.fixedDepth = std::min(routing.fixedDepth, model.recursions);
    routing.maxDepth = routing.maxDepth >= model.recursions ? 0 : routing.maxDepth;
    return routing;
}

settings::RoutingSettings causalRouting(const trace::ModelInfo& model,
                                        const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = effectiveRouting(model, wanted);
    const Rule shown = shownRule(model, routing.rule);
    if (shown == Rule::TopK || shown == Rule::Random) {
        routing.rule = model.router == RouterKind::Expert ? Rule::Threshold : Rule::Model;
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
