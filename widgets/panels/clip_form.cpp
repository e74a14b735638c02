// SPDX-License-Identifier: MIT
#include "widgets/panels/clip_form.h"

#include "engine/spec/clip_preset.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_fields.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

using settings::LabSettings;

namespace {

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// What the settings name, or what the model was trained on.
std::string shownClips(const settings::VideoSettings& video, const spec::ModelInfo* model) {
    return video.clips.empty() && model != nullptr && model->clip ? model->clip->clips
                                                                  : video.clips;
}

} // namespace

ClipForm::ClipForm(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 12);
    column->setSpacing(8);
    auto* grid = new QGridLayout;
    setUpForm(*grid);
    buildFields(*grid);
    column->addLayout(grid);
    column->addWidget(m_help);
    column->addWidget(m_facts);
    column->addWidget(m_warning);
    column->addStretch(1);
    connect(&m_lab, &lab::LabController::settingsChanged, this, &ClipForm::refresh);
    connect(&m_lab, &lab::LabController::modelChanged, this, &ClipForm::refresh);
    refresh();
}

void ClipForm::buildFields(QGridLayout& grid) {
    m_clips = new ChoiceBox(this);
    declareField(*m_clips, "clips", tr("Procedural clips"));
    for (const spec::ClipPreset& preset : spec::clipPresets()) {
        m_clips->addItem(qt(preset.name));
        m_clips->setItemData(m_clips->count() - 1, tr(preset.help), Qt::ToolTipRole);
    }
    m_seed = seedBox(this, "clip-seed", tr("Seed of the clips"));
    m_number = seedBox(this, "clip", tr("Number of the clip"));
    m_previous = makeButton("clip.previous-clip", tr("Previous"), this);
    m_previous->setToolTip(tr("The clip before this one"));
    m_next = makeButton("clip.next-clip", tr("Next"), this);
    m_next->setToolTip(tr("Another clip of the same kind"));
    auto* label = new QLabel(tr("Clips"), this);
    label->setBuddy(m_clips);
    grid.addWidget(label, 0, 0);
    grid.addWidget(m_clips, 0, 1, 1, 4);
    placeField(grid, 1, 0, tr("Seed"), m_seed);
    placeField(grid, 1, 1, tr("Clip"), m_number);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_previous, 1);
    buttons->addWidget(m_next, 1);
    grid.addLayout(buttons, 2, 0, 1, 5);
    for (QLabel** text : {&m_help, &m_facts, &m_warning}) {
        *text = new QLabel(this);
        (*text)->setWordWrap(true);
        (*text)->setObjectName(QStringLiteral("muted"));
    }
    m_warning->setObjectName(QStringLiteral("amber"));
    connect(m_clips, &QComboBox::activated, this, [this](int index) {
        const std::string name = m_clips->itemText(index).toStdString();
        m_lab.edit(tr("Clips"), -1, [&](LabSettings& s) { s.video.clips = name; });
    });
    connect(m_seed, &QLineEdit::editingFinished, this, [this] {
        const quint64 value = m_seed->text().toULongLong();
        m_lab.edit(tr("Seed of the clips"), -1,
                   [value](LabSettings& s) { s.video.clipSeed = value; });
    });
    connect(m_number, &QLineEdit::editingFinished, this, [this] {
        const quint64 value = m_number->text().toULongLong();
        m_lab.edit(tr("Clip"), -1, [value](LabSettings& s) { s.video.clip = value; });
    });
    connect(m_previous, &QPushButton::clicked, this, [this] { moveClip(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { moveClip(1); });
}

void ClipForm::moveClip(qint64 by) {
    m_lab.edit(tr("Clip"), -1, [by](LabSettings& s) {
        const auto now = static_cast<qint64>(s.video.clip);
        s.video.clip = static_cast<std::uint64_t>(std::max<qint64>(0, now + by));
    });
}

void ClipForm::refresh() {
    const settings::VideoSettings& video = m_lab.settings().video;
    const auto model = m_lab.model();
    const std::string name = shownClips(video, model.get());
    const QSignalBlocker blocker(m_clips);
    m_clips->setCurrentIndex(m_clips->findText(qt(name)));
    m_seed->setText(QString::number(video.clipSeed));
    m_number->setText(QString::number(video.clip));
    m_previous->setEnabled(video.clip > 0);
    m_help->setText(m_clips->currentData(Qt::ToolTipRole).toString());
    m_help->setVisible(!m_help->text().isEmpty());
    QString facts, warning;
    if (model && model->clip) {
        const spec::ClipTraits& clip = *model->clip;
        facts = tr("%1 frames of %2 x %3 pixels, the first %4 given")
                    .arg(clip.size.frames)
                    .arg(clip.size.width)
                    .arg(clip.size.height)
                    .arg(clip.contextFrames);
        if (name != clip.clips) {
            warning = tr("Outside training: trained on %1").arg(qt(clip.clips));
        }
    }
    m_facts->setText(facts);
    m_facts->setVisible(!facts.isEmpty());
    m_warning->setText(warning);
    m_warning->setVisible(!warning.isEmpty());
}

} // namespace depthscope::panels
