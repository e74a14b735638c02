// SPDX-License-Identifier: MIT
#include "widgets/panels/sample_form.h"

#include "engine/spec/autoencoder_spec.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_fields.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <initializer_list>

namespace depthscope::panels {

using settings::LabSettings;

SampleForm::SampleForm(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(8);
    auto* grid = new QGridLayout;
    setUpForm(*grid);
    buildFields(*grid);
    column->addLayout(grid);
    column->addWidget(m_ofClasses);
    buildFooter();
    connect(&m_lab, &lab::LabController::settingsChanged, this, &SampleForm::refresh);
    connect(&m_lab, &lab::LabController::modelChanged, this, &SampleForm::refresh);
    connect(&m_lab, &lab::LabController::activityChanged, this, &SampleForm::refreshFigures);
    connect(&m_lab, &lab::LabController::traceChanged, this, &SampleForm::refreshFigures);
    refresh();
}

void SampleForm::buildFields(QGridLayout& grid) {
    m_steps = numberBox<QSpinBox>(this, "denoising-steps", tr("Denoising steps"));
    m_noise = seedBox(this, "noise-seed", tr("Seed of the noise"));
    m_heun = tickBox(this, "heun", tr("Heun"));
    m_keepsContext = tickBox(this, "keep-context", tr("Keep context"));
    placeField(grid, 0, 0, tr("Steps"), m_steps);
    placeField(grid, 0, 1, tr("Noise"), m_noise);
    grid.addWidget(m_heun, 1, 0, 1, 2);
    grid.addWidget(m_keepsContext, 1, 3, 1, 2);
    m_ofClasses = new QWidget(this);
    auto* more = new QGridLayout(m_ofClasses);
    more->setContentsMargins(0, 0, 0, 0);
    setUpForm(*more);
    m_label = numberBox<QSpinBox>(m_ofClasses, "label", tr("Label"));
    m_label->setSpecialValueText(tr("none"));
    m_guidance = numberBox<QDoubleSpinBox>(m_ofClasses, "guidance", tr("Guidance"));
    m_guidance->setDecimals(2);
    m_guidance->setSingleStep(0.5);
    placeField(*more, 0, 0, tr("Label"), m_label);
    placeField(*more, 0, 1, tr("Guidance"), m_guidance);
    connect(m_steps, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Denoising steps"), -1, [value](LabSettings& s) { s.video.steps = value; });
    });
    connect(m_noise, &QLineEdit::editingFinished, this, [this] {
        const quint64 value = m_noise->text().toULongLong();
        m_lab.edit(tr("Seed of the noise"), -1,
                   [value](LabSettings& s) { s.video.noiseSeed = value; });
    });
    connect(m_heun, &QCheckBox::toggled, this, [this](bool on) {
        m_lab.edit(tr("Heun"), -1, [on](LabSettings& s) { s.video.heun = on; });
    });
    connect(m_keepsContext, &QCheckBox::toggled, this, [this](bool on) {
        m_lab.edit(tr("Keep context"), -1, [on](LabSettings& s) { s.video.keepsContext = on; });
    });
    connect(m_label, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Label"), -1, [value](LabSettings& s) { s.video.label = value; });
    });
    connect(m_guidance, &QDoubleSpinBox::valueChanged, this, [this](double value) {
        m_lab.edit(tr("Guidance"), -1, [value](LabSettings& s) { s.video.guidance = value; });
    });
}

void SampleForm::buildFooter() {
    m_newNoise = makeButton("sample.new-noise", tr("New noise"), this);
    m_newNoise->setToolTip(tr("The same clip from other noise"));
    m_stop = makeButton("sample.stop", tr("Stop"), this);
    m_stop->setAccessibleName(tr("Stop sampling"));
    m_figures = new QLabel(this);
    m_figures->setObjectName(QStringLiteral("muted"));
    m_figures->setWordWrap(true);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_newNoise, 1);
    buttons->addWidget(m_stop, 1);
    auto* column = static_cast<QVBoxLayout*>(layout());
    column->addLayout(buttons);
    column->addWidget(m_figures);
    column->addStretch(1);
    connect(m_newNoise, &QPushButton::clicked, this, [this] {
        m_lab.edit(tr("New noise"), -1, [](LabSettings& s) { ++s.video.noiseSeed; });
    });
    connect(m_stop, &QPushButton::clicked, &m_lab, &lab::LabController::stop);
}

void SampleForm::refresh() {
    const settings::VideoSettings& now = m_lab.settings().video;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_steps), QSignalBlocker(m_heun),
                                       QSignalBlocker(m_keepsContext), QSignalBlocker(m_label),
                                       QSignalBlocker(m_guidance)};
    const auto model = m_lab.model();
    const int classes = model && model->clip ? model->clip->classes : 0;
    m_ofClasses->setVisible(classes > 0);
    m_label->setRange(-1, std::max(-1, classes - 1));
    m_steps->setValue(now.steps);
    m_noise->setText(QString::number(now.noiseSeed));
    m_heun->setChecked(now.heun);
    m_keepsContext->setChecked(now.keepsContext);
    m_label->setValue(now.label);
    m_guidance->setValue(now.guidance);
    const bool denoises = !model || model->family != spec::kAutoencoderFamily;
    for (QWidget* field :
         std::initializer_list<QWidget*>{m_steps, m_noise, m_heun, m_keepsContext, m_newNoise}) {
        field->setEnabled(denoises); // an autoencoder has no noise
    }
    refreshFigures();
}

/// What the run on screen took.
void SampleForm::refreshFigures() {
    m_stop->setEnabled(m_lab.shownActivity() != lab::Activity::Idle);
    const trace::RunView* run = m_lab.store().newest(trace::kMainRun);
    QString figures;
    if (run != nullptr && run->latest->clip() != nullptr) {
        const QLocale locale;
        const auto steps = run->costs.size();
        const QString took = locale.toString(run->totalCost().milliseconds, 'f', 0);
        const bool denoises = run->latest->model->family != spec::kAutoencoderFamily;
        figures =
            !denoises
                ? tr("Reconstructed in one pass, %1 ms; no noise, no steps").arg(took)
                : tr("%1 in %2 ms; keys and values of the given frames: %3")
                      .arg(
                          steps == 1 ? tr("1 denoising step") : tr("%1 denoising steps").arg(steps),
                          took, locale.formattedDataSize(run->latest->routing.kv.measuredBytes, 1));
    }
    m_figures->setText(figures);
    m_figures->setVisible(!figures.isEmpty());
}

} // namespace depthscope::panels
