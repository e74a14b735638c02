// SPDX-License-Identifier: MIT
// Which routing rules a loaded model supports, which it would support with its sibling checkpoint,
// and what a pass or a generation actually requests. Pure functions; any thread.
#pragma once

#include "engine/settings/lab.h"
#include "engine/spec/model_info.h"

#include <array>
#include <vector>

namespace depthscope::lab {

/// The rules of the form, in its order. Rule::Model is shown as the rule it stands for.
inline constexpr std::array<settings::Rule, 14> kOfferedRules{
    settings::Rule::TopK,   settings::Rule::Threshold, settings::Rule::Aux,
    settings::Rule::Exit,   settings::Rule::Weighted,  settings::Rule::Fixed,
    settings::Rule::Latent, settings::Rule::Cosine,    settings::Rule::Entropy,
    settings::Rule::Kl,     settings::Rule::MinpKl,    settings::Rule::Argmax,
    settings::Rule::Token,  settings::Rule::Random};

[[nodiscard]] bool canDo(const spec::ModelInfo& model, settings::Rule rule);

/// The router that a rule needs; None where any recursive model will do.
[[nodiscard]] spec::RouterKind routerFor(settings::Rule rule);

/// Whether tokens can stop under a rule: of looped models those that leave.
[[nodiscard]] bool canStop(settings::Rule rule);

/// The policies that the model can run with under the rule asked for; recursion-wise alone where it
/// does not say. Of a looped model those of who stopped where somebody can, and, where its rules
/// always stop, not the one that needs entries of all.
[[nodiscard]] std::vector<settings::KvPolicy> policiesOf(const spec::ModelInfo& model,
                                                         settings::Rule rule);

/// The policy that KvPolicy::Model stands for with this model and rule.
[[nodiscard]] settings::KvPolicy
shownPolicy(const spec::ModelInfo& model, settings::Rule rule, settings::KvPolicy policy);

/// The rule that Rule::Model stands for with this model; Fixed where there is no router.
[[nodiscard]] settings::Rule shownRule(const spec::ModelInfo& model, settings::Rule rule);

/// Recursions that the fixed rule can ask for.
[[nodiscard]] int deepestFixed(const spec::ModelInfo& model);

/// Both are video models that make clips of one size from as many given frames, in patches of one
/// size, so that their runs can stand beside each other.
[[nodiscard]] bool makeSameClips(const spec::ModelInfo& one, const spec::ModelInfo& other);

/// A setting that a model may not support.
enum class Setting { Rule, Kv, Capacity, FixedDepth };

struct Fitted {
    settings::RoutingSettings routing; ///< what the model can do
    std::vector<Setting> changed;      ///< that went back to as trained
};

/// The settings, with unsupported ones reset to trained values: rules and KV policies of
/// another router, capacities and depths of another number of recursions.
[[nodiscard]] Fitted fittedTo(const spec::ModelInfo& model,
                              const settings::RoutingSettings& wanted);

/// What a pass is asked for: the fitted settings without what the rule does not look at.
[[nodiscard]] settings::RoutingSettings effectiveRouting(const spec::ModelInfo& model,
                                                         const settings::RoutingSettings& wanted);

/// The same for generation: rules that look at later tokens become the causal threshold rule.
[[nodiscard]] settings::RoutingSettings causalRouting(const spec::ModelInfo& model,
                                                      const settings::RoutingSettings& wanted);

/// The capacities in force: those of the settings, or the trained ones, or 1 for each recursion.
[[nodiscard]] std::vector<Fraction> capacitiesOf(const spec::ModelInfo& model,
                                                 const settings::RoutingSettings& wanted);

} // namespace depthscope::lab
