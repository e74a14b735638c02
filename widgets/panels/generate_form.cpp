// SPDX-License-Identifier: MIT
#include "widgets/panels/generate_form.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/rules.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_fields.h"
#include "widgets/panels/setting_words.h"

#include <QAction>
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

namespace depthscope::panels {

using settings::LabSettings;

GenerateForm::GenerateForm(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(8);
    auto* grid = new QGridLayout;
    setUpForm(*grid);
    buildFields(*grid);
    column->addLayout(grid);
    buildFooter();
    connect(&m_lab, &lab::LabController::settingsChanged, this, &GenerateForm::refresh);
    connect(&m_lab, &lab::LabController::activityChanged, this, &GenerateForm::refreshActivity);
    connect(&m_lab, &lab::LabController::modelChanged, this, &GenerateForm::refreshActivity);
    refresh();
    refreshActivity();
}

void GenerateForm::buildFields(QGridLayout& grid) {
    m_count = numberBox<QSpinBox>(this, "tokens", tr("Tokens to generate"));
    m_temperature = numberBox<QDoubleSpinBox>(this, "temperature", tr("Temperature"));
    m_temperature->setDecimals(2);
    m_temperature->setSingleStep(0.1);
    m_topK = numberBox<QSpinBox>(this, "top-k", tr("Top-k"));
    m_topK->setSpecialValueText(tr("all"));
    m_topP = numberBox<QDoubleSpinBox>(this, "top-p", tr("Top-p"));
    m_topP->setDecimals(3);
    m_topP->setSingleStep(0.05);
    m_seed = seedBox(this, "seed", tr("Seed"));
    m_cache = tickBox(this, "use-cache", tr("KV cache"));
    m_stopAtEos = tickBox(this, "stop-at-eos", tr("Stop at end of text"));
    placeField(grid, 0, 0, tr("Count"), m_count);
    placeField(grid, 0, 1, tr("Temp."), m_temperature);
    placeField(grid, 1, 0, tr("Top-k"), m_topK);
    placeField(grid, 1, 1, tr("Top-p"), m_topP);
    placeField(grid, 2, 0, tr("Seed"), m_seed);
    grid.addWidget(m_cache, 2, 3, 1, 2);
    grid.addWidget(m_stopAtEos, 3, 0, 1, 5);
    connect(m_count, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Count"), -1, [value](LabSettings& s) { s.generation.count = value; });
    });
    connect(m_temperature, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_lab.edit(tr("Temperature"), -1,
                   [value](LabSettings& s) { s.generation.temperature = value; });
    });
    connect(m_topK, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Top-k"), -1, [value](LabSettings& s) { s.generation.topK = value; });
    });
    connect(m_topP, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_lab.edit(tr("Top-p"), -1, [value](LabSettings& s) { s.generation.topP = value; });
    });
    connect(m_seed, &QLineEdit::editingFinished, this, [this] {
        const quint64 value = m_seed->text().toULongLong();
        m_lab.edit(tr("Seed"), -1, [value](LabSettings& s) { s.generation.seed = value; });
    });
    connect(m_cache, &QCheckBox::toggled, this, [this](bool on) {
        m_lab.edit(tr("KV cache"), -1, [on](LabSettings& s) { s.generation.useCache = on; });
    });
    connect(m_stopAtEos, &QCheckBox::toggled, this, [this](bool on) {
        m_lab.edit(tr("Stop at end of text"), -1,
                   [on](LabSettings& s) { s.generation.stopAtEos = on; });
    });
}

void GenerateForm::buildFooter() {
    m_run = new QPushButton(tr("Generate"), this);
    m_run->setAccessibleName(tr("Generate"));
    m_stop = new QPushButton(tr("Stop"), this);
    m_stop->setAccessibleName(tr("Stop generating"));
    auto* many = new QPushButton(tr("Many…"), this);
    many->setAccessibleName(tr("Generate many texts"));
    many->setToolTip(tr("Generates texts of many prompts together, from a file or graded text"));
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("muted"));
    m_note->setWordWrap(true);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_run, 1);
    buttons->addWidget(m_stop, 1);
    buttons->addWidget(many, 1);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->addLayout(buttons);
    column->addWidget(m_note);
    column->addStretch(1);
    connect(m_run, &QPushButton::clicked, &m_lab, &lab::LabController::generate);
    connect(m_stop, &QPushButton::clicked, &m_lab, &lab::LabController::stop);
    connect(many, &QPushButton::clicked, this, [this] {
        if (auto* action = window()->findChild<QAction*>(QStringLiteral("run.many"))) {
            action->trigger();
        }
    });
}

void GenerateForm::refresh() {
    const settings::GenerationSettings& now = m_lab.settings().generation;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_count), QSignalBlocker(m_temperature),
                                       QSignalBlocker(m_topK),  QSignalBlocker(m_topP),
                                       QSignalBlocker(m_cache), QSignalBlocker(m_stopAtEos)};
    m_count->setValue(now.count);
    m_temperature->setValue(now.temperature);
    m_topK->setValue(now.topK);
    m_topP->setValue(now.topP);
    m_cache->setChecked(now.useCache);
    m_stopAtEos->setChecked(now.stopAtEos);
    m_seed->setText(QString::number(now.seed));
    refreshActivity();
}

void GenerateForm::refreshActivity() {
    const bool generating = m_lab.shownActivity() == lab::Activity::Generating;
    enableOneOf(*m_run, *m_stop, generating);
    const auto model = m_lab.model();
    QString note;
    if (model && !model->clip) {
        const settings::RoutingSettings& routing = m_lab.settings().routing;
        const QString used = generationRule(*model, routing);
        const QString replaced = replacedRule(*model, routing);
        if (!replaced.isEmpty()) {
            note = tr("Uses %1, not %2.").arg(used, replaced);
            m_note->setToolTip(tr("Needs the whole text: %1").arg(replaced));
        } else if (lab::causalRouting(*model, routing).rule == settings::Rule::Threshold) {
            note = tr("Uses %1.").arg(used);
            m_note->setToolTip({});
        }
    }
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

} // namespace depthscope::panels
