// SPDX-License-Identifier: MIT
#include "widgets/lab/rules.h"

#include <algorithm>

namespace depthscope::lab {

using settings::KvPolicy;
using settings::Rule;
using spec::RouterKind;

RouterKind routerFor(Rule rule) {
    switch (rule) {
    case Rule::TopK:
    case Rule::Threshold:
    case Rule::Random:
    case Rule::Aux:
        return RouterKind::Expert;
    case Rule::Token:
        return RouterKind::Token;
    case Rule::Exit:
    case Rule::Weighted:
        return RouterKind::Exit;
    case Rule::Latent:
    case Rule::Cosine:
    case Rule::Entropy:
    case Rule::Kl:
    case Rule::MinpKl:
    case Rule::Argmax:
        return RouterKind::Change;
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

} // namespace

bool canDo(const spec::ModelInfo& model, Rule rule) {
    if (rule == Rule::Model) {
        return true;
    }
    return contains(model.passRules.possible, rule);
}

std::vector<KvPolicy> policiesOf(const spec::ModelInfo& model) {
    std::vector<KvPolicy> policies = model.kvPolicies;
    if (model.router == RouterKind::Change) {
        std::erase(policies, KvPolicy::Recursion);
    }
    return policies.empty() ? std::vector<KvPolicy>{KvPolicy::Recursion} : policies;
}

KvPolicy shownPolicy(const spec::ModelInfo& model, KvPolicy policy) {
    if (policy == KvPolicy::Model && model.router == RouterKind::Change) {
        return policiesOf(model).front();
    }
    const KvPolicy shown = policy == KvPolicy::Model ? model.trainedKv : policy;
    return shown == KvPolicy::Model ? KvPolicy::Recursion : shown;
}

Rule shownRule(const spec::ModelInfo& model, Rule rule) {
    return rule == Rule::Model ? model.passRules.standard : rule;
}

int deepestFixed(const spec::ModelInfo& model) {
    return model.isLooped() ? settings::kMostRecursions : model.recursions;
}

Fitted fittedTo(const spec::ModelInfo& model, const settings::RoutingSettings& wanted) {
    Fitted fitted{wanted, {}};
    settings::RoutingSettings& routing = fitted.routing;
    const auto recursions = static_cast<std::size_t>(std::max(1, model.recursions));
    if (!canDo(model, routing.rule)) {
        routing.rule = Rule::Model;
        fitted.changed.push_back(Setting::Rule);
    }
    if (routing.kv != KvPolicy::Model && !contains(policiesOf(model), routing.kv)) {
        routing.kv = KvPolicy::Model;
        fitted.changed.push_back(Setting::Kv);
    }
    const Rule shown = shownRule(model, routing.rule);
    if (settings::ranksTokens(shown) && !routing.capacity.empty() &&
        routing.capacity.size() != recursions) {
        routing.capacity.clear();
        fitted.changed.push_back(Setting::Capacity);
    }
    if (shown == Rule::Fixed && routing.fixedDepth > deepestFixed(model)) {
        routing.fixedDepth = 0;
        fitted.changed.push_back(Setting::FixedDepth);
    }
    return fitted;
}

settings::RoutingSettings effectiveRouting(const spec::ModelInfo& model,
                                           const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = fittedTo(model, wanted).routing;
    if (model.router != RouterKind::Expert ||
        !settings::ranksTokens(shownRule(model, routing.rule))) {
        routing.capacity.clear();
    }
    const Rule shown = shownRule(model, routing.rule);
    if (shown != Rule::Exit && !settings::watchesChange(shown)) { // nobody leaves, so nobody stops
        routing.exitStops = false;
        routing.kv = model.isLooped() ? KvPolicy::Model : routing.kv;
    }
    routing.zeroState = routing.zeroState && model.router == RouterKind::Change;
    routing.fixedDepth = std::min(wanted.fixedDepth, deepestFixed(model));
    routing.maxDepth = routing.maxDepth >= model.recursions ? 0 : routing.maxDepth;
    return routing;
}

settings::RoutingSettings causalRouting(const spec::ModelInfo& model,
                                        const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = effectiveRouting(model, wanted);
    if (!contains(model.generationRules.possible, routing.rule)) {
        routing.rule = model.generationRules.standard;
        routing.capacity.clear();
    }
    return routing;
}

std::vector<Fraction> capacitiesOf(const spec::ModelInfo& model,
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

bool makeSameClips(const spec::ModelInfo& one, const spec::ModelInfo& other) {
    return one.clip && other.clip && one.clip->size == other.clip->size &&
           one.clip->patch == other.clip->patch &&
           one.clip->contextFrames == other.clip->contextFrames;
}

} // namespace depthscope::lab
