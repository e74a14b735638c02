// SPDX-License-Identifier: MIT
#include "widgets/panels/routing_form.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"
#include "widgets/panels/capacity_form.h"
#include "widgets/panels/expert_choice.h"
#include "widgets/panels/form_fields.h"
#include "widgets/panels/policy_choice.h"
#include "widgets/panels/setting_field.h"
#include "widgets/panels/setting_words.h"
#include "widgets/panels/threshold_scale.h"

#include <QCheckBox>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

using settings::LabSettings;
using settings::Rule;

namespace {

/// The help that the field was declared with.
QString helpOf(const char* name) {
    return RoutingForm::tr(settingField(name).help);
}

} // namespace

RoutingForm::RoutingForm(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(4);
    m_grid = new QGridLayout;
    m_grid->setHorizontalSpacing(8);
    m_grid->setVerticalSpacing(4);
    m_grid->setColumnStretch(1, 1);
    column->addLayout(m_grid);
    buildRule();
    m_capacity = new CapacityForm(m_lab, this);
    m_grid->addWidget(m_capacity, m_grid->rowCount(), 0, 1, 3);
    buildNumbers();
    buildPolicy();
    buildFooter();
    fitWidths();
    connect(&m_lab, &lab::LabController::settingsChanged, this, &RoutingForm::refresh);
    connect(&m_lab, &lab::LabController::modelChanged, this, &RoutingForm::refresh);
    connect(&m_lab, &lab::LabController::settingsInForce, this, &RoutingForm::refreshState);
    connect(&m_lab, &lab::LabController::traceChanged, this, &RoutingForm::refreshState);
    connect(&m_lab, &lab::LabController::activityChanged, this, &RoutingForm::refreshState);
    refresh();
}

void RoutingForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    const bool isFont = event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange;
    if (isFont && m_tau) {
        fitWidths();
    }
}

void RoutingForm::fitWidths() {
    m_grid->setColumnMinimumWidth(0, formLabelWidth(*this));
    m_tau->setFixedWidth(formBoxWidth(*this));
}

void RoutingForm::addRow(QLabel* label, QWidget* wide) {
    const int row = m_grid->rowCount();
    label->setBuddy(wide);
    m_grid->addWidget(label, row, 0);
    m_grid->addWidget(wide, row, 1, 1, 2);
}

void RoutingForm::buildRule() {
    m_rule = new ChoiceBox(this);
    m_rule->setObjectName(QStringLiteral("routing"));
    m_rule->setAccessibleName(tr("Routing rule"));
    m_rule->setToolTip(helpOf("routing"));
    m_nothing = new QLabel(this);
    m_nothing->setObjectName(QStringLiteral("muted"));
    m_nothing->setWordWrap(true);
    m_grid->addWidget(m_nothing, m_grid->rowCount(), 0, 1, 3);
    m_ruleLabel = new QLabel(tr("Rule"), this);
    addRow(m_ruleLabel, m_rule);
    connect(m_rule, &QComboBox::activated, this, &RoutingForm::chooseRule);
}

void RoutingForm::buildNumbers() {
    const int first = m_grid->rowCount();
    m_tauLabel = new QLabel(tr("Tau"), this);
    m_tauSlider = new RatioSlider(this);
    m_tauSlider->setObjectName(QStringLiteral("tau.slider"));
    m_tauSlider->setAccessibleName(tr("Threshold tau"));
    m_tauSlider->setToolTip(helpOf("tau"));
    m_tau = new ThresholdBox(this);
    m_tau->setObjectName(QStringLiteral("tau"));
    m_tau->setAccessibleName(tr("Threshold tau, exact"));
    m_tauLabel->setBuddy(m_tau);
    m_grid->addWidget(m_tauLabel, first, 0);
    m_grid->addWidget(m_tauSlider, first, 1);
    m_grid->addWidget(m_tau, first, 2);
    const auto setTau = [this](double value, int gesture) {
        if (!m_refreshing) {
            setThreshold(value, gesture);
        }
    };
    connect(m_tauSlider, &QSlider::sliderPressed, this, [this] { m_gesture = m_lab.newGesture(); });
    connect(m_tauSlider, &QSlider::sliderReleased, this, [this] { m_gesture = -1; });
    connect(m_tauSlider, &QSlider::valueChanged, this,
            [this, setTau](int position) { setTau(scale().valueAt(position), m_gesture); });
    connect(m_tau, &QDoubleSpinBox::valueChanged, this,
            [setTau](double value) { setTau(value, -1); });

    m_depthLabel = new QLabel(tr("Depth"), this);
    m_depth = spinBox("fixed-depth", tr("Fixed depth in recursions"), tr("all"));
    addRow(m_depthLabel, m_depth);
    m_capLabel = new QLabel(tr("Depth cap"), this);
    m_cap = spinBox("max-depth", tr("Depth cap in recursions"), tr("none"));
    addRow(m_capLabel, m_cap);
    connect(m_depth, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Fixed depth"), -1,
                   [value](LabSettings& s) { s.routing.fixedDepth = value; });
    });
    connect(m_cap, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Depth cap"), -1, [value](LabSettings& s) { s.routing.maxDepth = value; });
    });
}

QSpinBox* RoutingForm::spinBox(const char* key, const QString& name, const QString& zero) {
    auto* box = new QSpinBox(this);
    box->setObjectName(QString::fromLatin1(key));
    box->setAccessibleName(name);
    box->setToolTip(helpOf(key));
    box->setSpecialValueText(zero);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setAlignment(Qt::AlignRight);
    box->setKeyboardTracking(false);
    return box;
}

void RoutingForm::buildPolicy() {
    m_kv = new PolicyChoice(m_lab, this);
    m_kvLabel = new QLabel(m_kv->label(), this);
    addRow(m_kvLabel, m_kv);
    m_keptLabel = new QLabel(tr("Kept"), this);
    m_kept = spinBox("kv-kept", tr("Recursions whose keys and values are kept"), {});
    addRow(m_keptLabel, m_kept);
    connect(m_kept, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Recursions kept"), -1,
                   [value](LabSettings& s) { s.routing.kvKept = value; });
    });
}

void RoutingForm::buildFooter() {

    m_zeroState = tickBox(this, "zero-state", tr("Start from zeros, not from seed 1"));
    m_grid->addWidget(m_zeroState, m_grid->rowCount(), 1, 1, 2);
    connect(m_zeroState, &QCheckBox::toggled, this, [this](bool isOn) {
        m_lab.edit(tr("Initial state"), -1, [isOn](LabSettings& s) { s.routing.zeroState = isOn; });
    });

    m_experts = new ExpertChoice(m_lab, this);
    m_expertsLabel = new QLabel(tr("Experts"), this);
    addRow(m_expertsLabel, m_experts);

    m_warning = new QLabel(this);
    m_warning->setObjectName(QStringLiteral("amber"));
    m_warning->setWordWrap(true);
    m_state = new QLabel(this);
    m_state->setObjectName(QStringLiteral("muted"));
    m_state->setWordWrap(true); // the form must not be wider than its dock
    m_reset = new QPushButton(tr("Reset to trained"), this);
    m_reset->setObjectName(QStringLiteral("quiet"));
    m_reset->setAccessibleName(tr("Routing as trained"));
    m_reset->setToolTip(tr("Rule, capacities and depths as the model was trained"));
    connect(m_reset, &QPushButton::clicked, this, [this] {
        m_lab.edit(tr("Routing as trained"), -1, [](LabSettings& s) {
            s.routing = {};
            s.video.experts.clear();
        });
    });
    auto* footer = new QHBoxLayout;
    footer->setContentsMargins(0, 4, 0, 0);
    footer->addWidget(m_state, 1);
    footer->addWidget(m_reset);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->addWidget(m_warning);
    column->addLayout(footer);
    column->addStretch(1);
}

void RoutingForm::chooseRule(int index) {
    const auto rule = static_cast<Rule>(m_rule->itemData(index).toInt());
    m_lab.edit(tr("Routing rule"), -1, [rule](LabSettings& s) {
        s.routing.change = s.routing.rule == rule ? s.routing.change : 0; // each has its own
        s.routing.rule = rule;
    });
}

Rule RoutingForm::shownRule() const {
    const auto model = m_lab.model();
    const Rule rule = m_lab.settings().routing.rule;
    return model ? lab::shownRule(*model, rule) : rule;
}

ThresholdScale RoutingForm::scale() const {
    const auto model = m_lab.model();
    return scaleOf(shownRule(), model ? model->recursions : 1);
}

/// The rule of a model as trained becomes the user's: its threshold is not the trained one any
/// more.
void RoutingForm::setThreshold(double value, int gesture) {
    const Rule rule = shownRule();
    m_lab.edit(tr("Threshold"), gesture, [rule, value](LabSettings& s) {
        s.routing.rule = rule;
        s.routing.*settings::thresholdField(rule) = value;
    });
}

void RoutingForm::nudge(int perMille) {
    if (!m_lab.model()) {
        return;
    }
    if (settings::hasThreshold(shownRule())) {
        const double now = thresholdOf(m_lab.settings().routing, shownRule());
        setThreshold(scale().moved(now, perMille), -1);
        return;
    }
    m_capacity->nudge(perMille);
}

void RoutingForm::refresh() {
    m_refreshing = true;
    m_capacity->refresh();
    refreshRule();
    const settings::RoutingSettings& routing = m_lab.settings().routing;
    const auto model = m_lab.model();
    const int recursions = model ? model->recursions : 1;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_tauSlider), QSignalBlocker(m_tau),
                                       QSignalBlocker(m_depth),     QSignalBlocker(m_cap),
                                       QSignalBlocker(m_kv),        QSignalBlocker(m_zeroState),
                                       QSignalBlocker(m_kept)};
    const ThresholdScale scale = this->scale();
    const double threshold = thresholdOf(routing, shownRule());
    const QString field = QString::fromUtf8(scale.field); // as scripts name it
    m_tau->setObjectName(field);
    m_tauSlider->setObjectName(field + QStringLiteral(".slider"));
    m_tauLabel->setText(scale.label);
    m_tauSlider->setToolTip(helpOf(scale.field));
    m_tauSlider->setValue(scale.positionOf(threshold));
    m_tauSlider->setTrained(scale.positionOf(scale.standard) / 1000.0);
    m_tau->adopt(scale);
    m_tau->setValue(threshold);
    m_zeroState->setChecked(routing.zeroState);
    m_depth->setRange(0, model ? lab::deepestFixed(*model) : recursions);
    m_depth->setValue(routing.fixedDepth);
    m_cap->setRange(0, recursions);
    m_cap->setValue(routing.maxDepth);
    refreshPolicy();
    m_refreshing = false;
    refreshState();
}

void RoutingForm::refreshRule() {
    const auto model = m_lab.model();
    const QSignalBlocker blocker(m_rule);
    m_rule->clear();
    for (const Rule which : lab::kOfferedRules) {
        QString text = nameOf(which);
        if (model && !lab::canDo(*model, which)) {
            // What no checkpoint at hand can do is not offered.
            const auto other = which == Rule::Aux
                                   ? std::nullopt
                                   : m_lab.catalog().sibling(QString::fromStdString(model->folder),
                                                             lab::routerFor(which));
            if (!other) {
                continue;
            }
            text += tr(" (loads %1)").arg(other->name);
        } else if (model && which == lab::shownRule(*model, Rule::Model) &&
                   model->router != spec::RouterKind::None) {
            text += tr(", as trained");
        }
        m_rule->addItem(text, static_cast<int>(which));
    }
    Rule shown = shownRule();
    if (model && m_rule->findData(static_cast<int>(shown)) < 0) {
        shown = lab::shownRule(*model, Rule::Model); // what a pass falls back to
    }
    m_rule->setCurrentIndex(m_rule->findData(static_cast<int>(shown)));
    showFields(model.get(), shown);
}

void RoutingForm::refreshPolicy() {
    m_kv->refresh();
    m_kvLabel->setText(m_kv->label());
    m_kvLabel->setVisible(m_kv->isOffered());
    m_kv->setVisible(m_kv->isOffered());
    const auto model = m_lab.model();
    const bool keepsFew = m_kv->isOffered() && m_kv->shown() == settings::KvPolicy::Compress;
    m_kept->setRange(1, model ? std::max(1, model->recursions) : 1);
    m_kept->setValue(m_lab.settings().routing.kvKept);
    m_keptLabel->setVisible(keepsFew);
    m_kept->setVisible(keepsFew);
    m_experts->refresh();
    m_expertsLabel->setVisible(m_experts->isOffered());
    m_experts->setVisible(m_experts->isOffered());
}

void RoutingForm::showFields(const spec::ModelInfo* model, Rule shown) {
    const bool recursive = model && model->recursions > 1;
    const bool expert = model && model->router == spec::RouterKind::Expert;
    const bool byCapacity = expert && settings::ranksTokens(shown);
    const bool byTau = settings::hasThreshold(shown);
    const bool fixed = shown == Rule::Fixed && recursive;
    m_nothing->setVisible(!recursive);
    m_nothing->setText(model ? tr("This model has no recursion, so there is nothing to route.")
                             : tr("Choose a model: its routing settings appear here."));
    // With one rule the name of its field says it all.
    const bool choice = recursive && m_rule->count() > 1;
    m_ruleLabel->setVisible(choice);
    m_rule->setVisible(choice);
    m_capacity->setVisible(byCapacity);
    m_tauLabel->setVisible(byTau);
    m_tauSlider->setVisible(byTau);
    m_tau->setVisible(byTau);
    m_depthLabel->setVisible(fixed);
    m_depth->setVisible(fixed);
    // Under a fixed depth a cap would be a second name for the same thing.
    m_capLabel->setVisible(recursive && !fixed);
    m_cap->setVisible(recursive && !fixed);
    m_zeroState->setVisible(model && model->router == spec::RouterKind::Change);
    m_reset->setVisible(recursive);
}

/// Generating cannot look ahead: it may have run under another rule than a pass does.
QString RoutingForm::inForceText(const trace::TraceView& view) const {
    const auto model = m_lab.model();
    if (!view.main || (model && model->recursions <= 1)) {
        return {};
    }
    const trace::StepTrace& step = *view.main->latest;
    const bool other = model && step.kind != trace::StepKind::Pass &&
                       step.settings.rule != lab::shownRule(*model, m_lab.settings().routing.rule);
    return other ? tr("Generated under: %1").arg(nameOf(step.settings.rule)) : tr("In force");
}

void RoutingForm::refreshState() {
    const trace::TraceView view = m_lab.store().view();
    QStringList warnings;
    if (view.main) {
        if (view.main->latest->offDistribution) {
            warnings << tr("Outside training");
        }
        if (!view.main->latest->causal && view.main->isText()) {
            warnings << tr("Sees later tokens");
        }
    }
    m_warning->setText(warnings.join(QStringLiteral("  ·  ")));
    m_warning->setVisible(!warnings.isEmpty());
    if (!m_lab.live()) {
        m_state->setText(tr("As recorded"));
    } else if (m_lab.refused()) {
        m_state->setText(tr("Not routed: see the message"));
    } else if (m_lab.revisionInForce() == m_lab.revision()) {
        m_state->setText(inForceText(view));
    } else if (m_lab.shownActivity() == lab::Activity::Routing) {
        m_state->setText(tr("Computing…"));
    } else if (!m_lab.model()) {
        m_state->setText({});
    } else if (m_lab.shownActivity() != lab::Activity::Idle) {
        m_state->setText(tr("Pending"));
    }
    m_reset->setEnabled(m_lab.settings().routing != settings::RoutingSettings{} ||
                        (m_experts->isOffered() && !m_lab.settings().video.experts.empty()));
}

} // namespace depthscope::panels
