// SPDX-License-Identifier: MIT
// The part of the laboratory where a model and the routing settings must agree. The newest choice
// decides: a rule loads the model that can follow it, a model lets go of what it cannot follow.
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"

#include <QMetaObject>
#include <QStringList>

namespace depthscope::lab {

namespace {

QString nameOf(Setting setting) {
    switch (setting) {
    case Setting::Rule:
        return LabController::tr("routing rule");
    case Setting::Kv:
        return LabController::tr("KV policy");
    case Setting::Capacity:
        return LabController::tr("capacities");
    case Setting::FixedDepth:
        break;
    }
    return LabController::tr("fixed depth");
}

} // namespace

bool LabController::modelFollowsSettings() {
    const settings::RoutingSettings& routing = m_settings.routing;
    if (fittedTo(*m_main, routing).changed.empty()) {
        return true;
    }
    const auto other =
        m_ruleLeads && !canDo(*m_main, routing.rule)
            ? m_catalog.sibling(QString::fromStdString(m_main->folder), routerFor(routing.rule))
            : std::nullopt;
    if (!other) {
        if (m_fellBackFrom == routing) {
            return true;
        }
        if (!m_fallBackQueued) { // later: this may be the undo stack's own call
            m_fallBackQueued = true;
            QMetaObject::invokeMethod(this, &LabController::fallBack, Qt::QueuedConnection);
        }
        return false;
    }
    if (!m_jobs.has({JobKind::LoadMain})) {
        Q_EMIT noticeRaised(
            routerFor(routing.rule) == spec::RouterKind::Token
                ? tr("Token-choice needs a router trained for it: loading %1.").arg(other->name)
                : tr("This rule needs an expert-choice router: loading %1.").arg(other->name));
        load(other->folder);
    }
    return false;
}

void LabController::fallBack() {
    m_fallBackQueued = false;
    if (!m_main || !live() || !bench().wantsPass() || m_jobs.has({JobKind::LoadMain})) {
        return;
    }
    const Fitted fitted = fittedTo(*m_main, m_settings.routing);
    if (fitted.changed.empty() || m_fellBackFrom == m_settings.routing) {
        requestPass();
        return;
    }
    QStringList names;
    for (const Setting setting : fitted.changed) {
        names << nameOf(setting);
    }
    Q_EMIT noticeRaised(
        tr("%1 does not support these settings; reset to trained values: %2.")
            .arg(QString::fromStdString(m_main->name), names.join(QStringLiteral(", "))));
    edit(tr("Reset routing to trained"), -1,
         [&fitted](settings::LabSettings& s) { s.routing = fitted.routing; });
}

} // namespace depthscope::lab
