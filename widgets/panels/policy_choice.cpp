// SPDX-License-Identifier: MIT
#include "widgets/panels/policy_choice.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"
#include "widgets/panels/setting_field.h"
#include "widgets/panels/setting_words.h"

#include <QSignalBlocker>

namespace depthscope::panels {

using settings::KvPolicy;

namespace {

/// An item: the policy, and a mark where one that goes with stopping and without it stops.
constexpr int kStops = 0x100;

KvPolicy policyOf(int item) {
    return static_cast<KvPolicy>(item & ~kStops);
}

bool stopsIn(int item) {
    const KvPolicy policy = policyOf(item);
    return policy == KvPolicy::Latest || policy == KvPolicy::Skip || (item & kStops) != 0;
}

} // namespace

PolicyChoice::PolicyChoice(lab::LabController& lab, QWidget* parent)
    : ChoiceBox(parent)
    , m_lab(lab) {
    setObjectName(QStringLiteral("kv"));
    setAccessibleName(tr("KV cache policy"));
    connect(this, &QComboBox::activated, this, &PolicyChoice::choose);
}

void PolicyChoice::choose(int index) {
    const int item = itemData(index).toInt();
    m_lab.edit(tr("KV policy"), -1, [item](settings::LabSettings& s) {
        s.routing.kv = policyOf(item);
        s.routing.exits = stopsIn(item) ? settings::Exits::Stop : settings::Exits::Model;
    });
}

settings::Rule PolicyChoice::shownRule() const {
    const auto model = m_lab.model();
    const settings::Rule rule = m_lab.settings().routing.rule;
    return model ? lab::shownRule(*model, rule) : rule;
}

bool PolicyChoice::isOffered() const {
    const auto model = m_lab.model(); // a choice of one is none
    return model && model->recursions > 1 && count() > 1;
}

QString PolicyChoice::label() const {
    const auto model = m_lab.model();
    if (model && model->clip) {
        return tr("Keys");
    }
    return model && model->isLooped() && lab::canStop(shownRule()) ? tr("Exits") : tr("KV");
}

KvPolicy PolicyChoice::shown() const {
    const auto model = m_lab.model();
    if (!model) {
        return KvPolicy::Recursion;
    }
    const KvPolicy asked = lab::effectiveRouting(*model, m_lab.settings().routing).kv;
    return lab::shownPolicy(*model, shownRule(), asked);
}

void PolicyChoice::refresh() {
    const QSignalBlocker blocker(this);
    clear();
    const auto model = m_lab.model();
    const QString help = tr(settingField("kv").help);
    setToolTip(help);
    if (!model) {
        return;
    }
    const settings::Rule rule = shownRule();
    const bool hasGate = model->router == spec::RouterKind::Exit;
    const bool alwaysStops = model->router == spec::RouterKind::Change && lab::canStop(rule);
    for (const KvPolicy policy : lab::policiesOf(*model, rule)) {
        addItem(nameIn(*model, policy, alwaysStops), static_cast<int>(policy));
        if (policy == KvPolicy::Last && hasGate && lab::canStop(rule)) {
            addItem(nameIn(*model, policy, true), static_cast<int>(policy) | kStops);
        }
    }
    const bool stops = lab::effectiveRouting(*model, m_lab.settings().routing).exitStops();
    const int mark = shown() == KvPolicy::Last && stops ? kStops : 0;
    setCurrentIndex(findData(static_cast<int>(shown()) | mark));
    const KvPolicy trained = lab::shownPolicy(*model, rule, KvPolicy::Model);
    setToolTip(
        tr("%1. Trained with: %2.").arg(help, itemText(findData(static_cast<int>(trained)))));
}

} // namespace depthscope::panels
