// SPDX-License-Identifier: MIT
#include "widgets/panels/clip_form.h"

#include "engine/spec/autoencoder_spec.h"
#include "engine/spec/clip_preset.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_fields.h"
#include "widgets/panels/own_video_fields.h"

#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace depthscope::panels {

using settings::LabSettings;

namespace {

enum Source { Procedural, Own };

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
    column->setSpacing(4);
    auto* source = new QGridLayout;
    setUpForm(*source);
    buildSource(*source);
    column->addLayout(source);
    m_procedural = new QWidget(this);
    auto* grid = new QGridLayout(m_procedural);
    grid->setContentsMargins(0, 0, 0, 0);
    setUpForm(*grid);
    buildFields(*grid);
    m_own = new OwnVideoFields(m_lab, this);
    buildWords();
    column->addWidget(m_procedural);
    column->addWidget(m_own);
    for (QLabel* text : {m_help, m_facts, m_warning}) {
        column->addSpacing(4);
        column->addWidget(text);
    }
    column->addStretch(1);
    connect(m_own, &OwnVideoFields::showRequested, this, &ClipForm::showRequested);
    connect(&m_lab, &lab::LabController::settingsChanged, this, &ClipForm::refresh);
    connect(&m_lab, &lab::LabController::modelChanged, this, &ClipForm::refresh);
    connect(&m_lab, &lab::LabController::traceChanged, this, &ClipForm::refreshWords);
    refresh();
}

void ClipForm::buildSource(QGridLayout& grid) {
    m_source = new ChoiceBox(this);
    m_source->setObjectName(QStringLiteral("clip.source"));
    m_source->setAccessibleName(tr("What is continued"));
    m_source->addItem(tr("Procedural clip"), Procedural);
    m_source->addItem(tr("Own video"), Own);
    auto* label = new QLabel(tr("Source"), this);
    label->setBuddy(m_source);
    grid.addWidget(label, 0, 0);
    grid.addWidget(m_source, 0, 1, 1, 4);
    connect(m_source, &QComboBox::activated, this, &ClipForm::chooseSource);
}

void ClipForm::chooseSource(int source) {
    const bool isOwn = !m_lab.settings().video.ownVideo.empty();
    if (source == Own && !isOwn) {
        m_own->choose();
    } else if (source == Procedural && isOwn) {
        m_lab.edit(tr("Source"), -1, [](LabSettings& s) { s.video.ownVideo.clear(); });
    }
    refresh(); // nothing may have been chosen
}

void ClipForm::buildFields(QGridLayout& grid) {
    m_clips = new ChoiceBox(m_procedural);
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

void ClipForm::buildWords() {
    for (QLabel** text : {&m_help, &m_facts, &m_warning}) {
        *text = new QLabel(this);
        (*text)->setWordWrap(true);
        (*text)->setObjectName(QStringLiteral("muted"));
    }
    m_warning->setObjectName(QStringLiteral("amber"));
}

void ClipForm::refresh() {
    const settings::VideoSettings& video = m_lab.settings().video;
    const bool isOwn = !video.ownVideo.empty();
    const auto model = m_lab.model();
    const bool reconstructs = model && model->family == spec::kAutoencoderFamily;
    const bool takesClips =
        reconstructs || !model || !model->clip || model->clip->contextFrames > 0;
    m_source->setCurrentIndex(isOwn ? Own : Procedural);
    m_source->setEnabled(takesClips || isOwn);
    m_source->setToolTip(reconstructs ? tr("What the autoencoder reconstructs")
                         : takesClips ? tr("What the model continues")
                                      : tr("This model draws whole clips and continues none"));
    m_procedural->setVisible(!isOwn);
    m_own->setVisible(isOwn);
    refreshProcedural();
    refreshWords();
}

void ClipForm::refreshProcedural() {
    const settings::VideoSettings& video = m_lab.settings().video;
    const QSignalBlocker blocker(m_clips);
    m_clips->setCurrentIndex(m_clips->findText(qt(shownClips(video, m_lab.model().get()))));
    m_seed->setText(QString::number(video.clipSeed));
    m_number->setText(QString::number(video.clip));
    m_previous->setEnabled(video.clip > 0);
    m_help->setText(video.ownVideo.empty() ? m_clips->currentData(Qt::ToolTipRole).toString()
                                           : QString());
}

/// What is known of the clip, and of the run on screen.
void ClipForm::refreshWords() {
    const auto model = m_lab.model();
    QString facts;
    if (model && model->clip) {
        const spec::ClipTraits& clip = *model->clip;
        const QString size = tr("%1 frames of %2 x %3 pixels")
                                 .arg(clip.size.frames)
                                 .arg(clip.size.width)
                                 .arg(clip.size.height);
        facts = model->family == spec::kAutoencoderFamily
                    ? tr("%1, compressed and reconstructed; nothing is predicted").arg(size)
                    : tr("%1, the first %2 given").arg(size).arg(clip.contextFrames);
        if (!m_lab.settings().video.ownVideo.empty()) {
            facts += tr("; cut about the middle, scaled by area");
        }
    }
    m_facts->setText(facts);
    m_warning->setText(warningText());
    for (QLabel* text : {m_help, m_facts, m_warning}) {
        text->setVisible(!text->text().isEmpty());
    }
}

QString ClipForm::warningText() const {
    const settings::VideoSettings& video = m_lab.settings().video;
    const auto model = m_lab.model();
    if (!model || !model->clip) {
        return {};
    }
    if (!video.ownVideo.empty()) {
        return ownText();
    }
    return shownClips(video, model.get()) == model->clip->clips
               ? QString()
               : tr("Outside training: trained on %1").arg(qt(model->clip->clips));
}

/// How far an own video is from what was learned: what the engine says, and how much better or
/// worse than the last given frame repeated the prediction is.
QString ClipForm::ownText() const {
    const trace::RunView* run = m_lab.store().newest(trace::kMainRun);
    const trace::ClipContent* clip = run != nullptr ? run->latest->clip() : nullptr;
    if (clip == nullptr || run->latest->revision != m_lab.revision()) {
        return {};
    }
    const QString notice = qt(run->latest->notice);
    if (!std::isfinite(clip->psnr) || !std::isfinite(clip->psnrCopyLast)) {
        return tr("%1. The video ends before the predicted frames: how far off they are cannot "
                  "be measured.")
            .arg(notice);
    }
    const QLocale locale;
    const double gain = clip->psnr - clip->psnrCopyLast;
    const QString by = locale.toString(std::abs(gain), 'f', 1);
    return tr("%1. PSNR %2 dB; the last given frame repeated %3 dB: %4.")
        .arg(notice, locale.toString(clip->psnr, 'f', 1),
             locale.toString(clip->psnrCopyLast, 'f', 1),
             gain < 0 ? tr("%1 dB worse").arg(by) : tr("%1 dB better").arg(by));
}

} // namespace depthscope::panels
