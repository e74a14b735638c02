// SPDX-License-Identifier: MIT
#include "widgets/panels/setting_words.h"

#include "widgets/lab/rules.h"
#include "widgets/panels/routing_form.h"

namespace depthscope::panels {

using settings::KvPolicy;
using settings::Rule;

QString nameOf(Rule rule) {
    switch (rule) {
    case Rule::TopK:
        return RoutingForm::tr("Top-k");
    case Rule::Threshold:
        return RoutingForm::tr("Threshold");
    case Rule::Aux:
        return RoutingForm::tr("Auxiliary router");
    case Rule::Fixed:
        return RoutingForm::tr("Fixed depth");
    case Rule::Token:
        return RoutingForm::tr("Token-choice");
    case Rule::Exit:
        return RoutingForm::tr("Exit gate");
    case Rule::Weighted:
        return RoutingForm::tr("All recursions, weighted");
    case Rule::Latent:
        return RoutingForm::tr("Change of state");
    case Rule::Cosine:
        return RoutingForm::tr("Turn of state");
    case Rule::Entropy:
        return RoutingForm::tr("Change of entropy");
    case Rule::Kl:
        return RoutingForm::tr("Divergence");
    case Rule::MinpKl:
        return RoutingForm::tr("Divergence, probable");
    case Rule::Argmax:
        return RoutingForm::tr("Same prediction");
    case Rule::Random:
    case Rule::Model:
        break;
    }
    return RoutingForm::tr("Random scores");
}

QString nameOf(KvPolicy policy) {
    switch (policy) {
    case KvPolicy::Share:
        return RoutingForm::tr("Recursive sharing");
    case KvPolicy::Hybrid:
        return RoutingForm::tr("Hybrid");
    case KvPolicy::Latest:
        return RoutingForm::tr("Latest of who stopped");
    case KvPolicy::Skip:
        return RoutingForm::tr("Without who stopped");
    case KvPolicy::Last:
        return RoutingForm::tr("Last recursion");
    case KvPolicy::Compress:
        return RoutingForm::tr("Last recursions");
    case KvPolicy::Recursion:
    case KvPolicy::Model:
        break;
    }
    return RoutingForm::tr("Recursion-wise");
}

QString nameIn(const spec::ModelInfo& model, KvPolicy policy, bool stops) {
    const bool isLooped = model.isLooped();
    if (!model.clip && !isLooped) {
        return nameOf(policy);
    }
    switch (policy) {
    case KvPolicy::Share:
        return RoutingForm::tr("All, frozen");
    case KvPolicy::Hybrid:
        return RoutingForm::tr("All, current");
    case KvPolicy::Latest:
        return RoutingForm::tr("Stop; read their latest");
    case KvPolicy::Skip:
        return RoutingForm::tr("Stop; skip them");
    case KvPolicy::Last:
        return stops ? RoutingForm::tr("Stop; keep the last recursion")
                     : RoutingForm::tr("Keep the last recursion");
    case KvPolicy::Compress:
        return stops ? RoutingForm::tr("Stop; keep the last few")
                     : RoutingForm::tr("Keep the last few");
    case KvPolicy::Recursion:
    case KvPolicy::Model:
        break;
    }
    return isLooped ? RoutingForm::tr("As published") : RoutingForm::tr("Active patches");
}

namespace {

QString wordsOf(const settings::RoutingSettings& used, const spec::ModelInfo& model) {
    const bool isFull = used.fixedDepth == 0 || used.fixedDepth == model.recursions;
    switch (used.rule) {
    case Rule::Threshold:
        return RoutingForm::tr("threshold, tau %1").arg(used.tau, 0, 'g', 3);
    case Rule::Aux:
        return RoutingForm::tr("the auxiliary router, tau %1").arg(used.tau, 0, 'g', 3);
    case Rule::Token:
        return RoutingForm::tr("token-choice");
    case Rule::Fixed:
        return isFull ? RoutingForm::tr("full depth")
               : used.fixedDepth == 1
                   ? RoutingForm::tr("1 recursion for every token")
                   : RoutingForm::tr("%1 recursions for every token").arg(used.fixedDepth);
    default:
        return nameOf(used.rule);
    }
}

} // namespace

QString generationRule(const spec::ModelInfo& model, const settings::RoutingSettings& wanted) {
    const settings::RoutingSettings used = lab::causalRouting(model, wanted);
    const QString words = wordsOf(used, model);
    return used.maxDepth > 0
               ? RoutingForm::tr("%1, at most %2 recursions").arg(words).arg(used.maxDepth)
               : words;
}

QString replacedRule(const spec::ModelInfo& model, const settings::RoutingSettings& wanted) {
    const Rule asked = lab::shownRule(model, lab::effectiveRouting(model, wanted).rule);
    return lab::causalRouting(model, wanted).rule == asked ? QString() : nameOf(asked);
}

} // namespace depthscope::panels
