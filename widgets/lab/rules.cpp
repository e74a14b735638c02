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

bool canStop(Rule rule) {
    return rule == Rule::Exit || settings::watchesChange(rule);
}

std::vector<KvPolicy> policiesOf(const spec::ModelInfo& model, Rule rule) {
    std::vector<KvPolicy> policies = model.kvPolicies;
    if (model.isLooped() && !canStop(shownRule(model, rule))) {
        std::erase(policies, KvPolicy::Latest);
        std::erase(policies, KvPolicy::Skip);
    } else if (model.router == RouterKind::Change) {
        std::erase(policies, KvPolicy::Recursion);
    }
    return policies.empty() ? std::vector<KvPolicy>{KvPolicy::Recursion} : policies;
}

KvPolicy shownPolicy(const spec::ModelInfo& model, Rule rule, KvPolicy policy) {
    if (policy == KvPolicy::Model && model.router == RouterKind::Change) {
        return policiesOf(model, rule).front();
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
    const Rule shown = shownRule(model, routing.rule);
    const bool isPossible = model.kvPolicies.empty() ? routing.kv == KvPolicy::Recursion
                                                     : contains(model.kvPolicies, routing.kv);
    if (routing.kv != KvPolicy::Model && !isPossible) {
        routing.kv = KvPolicy::Model;
        fitted.changed.push_back(Setting::Kv);
    }
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

namespace {

/// Of a looped model: whether who leaves stops, and what is then read of them.
void fitExits(const spec::ModelInfo& model, settings::RoutingSettings& routing) {
    const bool canStop = lab::canStop(shownRule(model, routing.rule));
    const bool stops = canStop && (model.router == RouterKind::Change || routing.exitStops());
    if (!canStop || model.router == RouterKind::Change) {
        routing.exits = settings::Exits::Model; // nobody leaves, or who leaves has always stopped
    }
    const bool isOfStopped = routing.kv == KvPolicy::Latest || routing.kv == KvPolicy::Skip;
    if (stops ? routing.kv == KvPolicy::Recursion : isOfStopped) {
        routing.kv = KvPolicy::Model;
    }
}

} // namespace

settings::RoutingSettings effectiveRouting(const spec::ModelInfo& model,
                                           const settings::RoutingSettings& wanted) {
    settings::RoutingSettings routing = fittedTo(model, wanted).routing;
    if (model.router != RouterKind::Expert ||
        !settings::ranksTokens(shownRule(model, routing.rule))) {
        routing.capacity.clear();
    }
    if (model.isLooped()) {
        fitExits(model, routing);
    } else {
        routing.exits = settings::Exits::Model;
    }
    if (routing.kv != KvPolicy::Compress) {
        routing.kvKept = settings::RoutingSettings{}.kvKept;
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
        if (shownRule(model, routing.rule) != Rule::Fixed) {
            routing.fixedDepth = 0; // of another rule
        }
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
