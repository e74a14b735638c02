// SPDX-License-Identifier: MIT
#include "widgets/panels/own_video_fields.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/form_fields.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/video_files.h"

#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>

namespace depthscope::panels {

using settings::LabSettings;

OwnVideoFields::OwnVideoFields(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    setUpForm(*grid);
    buildFields(*grid);
    buildButtons(*grid);
    connect(&m_lab, &lab::LabController::settingsChanged, this, &OwnVideoFields::refresh);
    connect(&m_lab, &lab::LabController::clipChanged, this, &OwnVideoFields::refreshPlayer);
    refresh();
}

void OwnVideoFields::buildFields(QGridLayout& grid) {
    m_file = new QLineEdit(this);
    declareField(*m_file, "own-video", tr("Own video"));
    m_browse = makeButton("clip.browse-own", tr("Browse…"), this);
    auto* label = new QLabel(tr("Video"), this);
    label->setBuddy(m_file);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_file, 1);
    row->addWidget(m_browse);
    grid.addWidget(label, 0, 0);
    grid.addLayout(row, 0, 1, 1, 4);
    m_first = seedBox(this, "own-first", tr("Frame to begin with"));
    m_every = numberBox<QSpinBox>(this, "own-every", tr("Each n-th frame"));
    placeField(grid, 1, 0, tr("Frame"), m_first);
    placeField(grid, 1, 1, tr("Every"), m_every);
    connect(m_browse, &QPushButton::clicked, this, &OwnVideoFields::ask);
    connect(m_file, &QLineEdit::editingFinished, this, [this] {
        const QString text = m_file->text().trimmed();
        const std::string file =
            text.isEmpty() ? std::string() : QFileInfo(text).absoluteFilePath().toStdString();
        m_lab.edit(tr("Own video"), -1, [&](LabSettings& s) { s.video.ownVideo = file; });
    });
    connect(m_first, &QLineEdit::editingFinished, this, [this] {
        const quint64 value = m_first->text().toULongLong();
        m_lab.edit(tr("Frame to begin with"), -1,
                   [value](LabSettings& s) { s.video.ownFirst = value; });
    });
    connect(m_every, &QSpinBox::valueChanged, this, [this](int value) {
        m_lab.edit(tr("Each n-th frame"), -1,
                   [value](LabSettings& s) { s.video.ownEvery = value; });
    });
}

void OwnVideoFields::buildButtons(QGridLayout& grid) {
    m_here = makeButton("clip.from-here", tr("From this frame"), this);
    m_show = makeButton("clip.show-own", tr("Show video"), this);
    m_show->setToolTip(tr("Opens the video in the player, at the frame to begin with"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_here, 1);
    buttons->addWidget(m_show, 1);
    grid.addLayout(buttons, 2, 0, 1, 5);
    connect(m_here, &QPushButton::clicked, this, &OwnVideoFields::fromHere);
    connect(m_show, &QPushButton::clicked, this, [this] {
        const settings::VideoSettings& video = m_lab.settings().video;
        Q_EMIT showRequested(QString::fromStdString(video.ownVideo),
                             static_cast<qint64>(video.ownFirst));
    });
}

bool OwnVideoFields::hasFrame() const {
    const trace::ClipPtr& clip = m_lab.store().clip();
    return clip && !clip->file.empty() && clip->frameCount > 0;
}

void OwnVideoFields::choose() {
    if (hasFrame()) {
        fromHere();
    } else if (!m_last.isEmpty()) {
        m_lab.edit(tr("Own video"), -1,
                   [this](LabSettings& s) { s.video.ownVideo = m_last.toStdString(); });
    } else {
        ask();
    }
}

void OwnVideoFields::ask() {
    const QString file = askForFile(
        *this, {QStringLiteral("video"), tr("Video to continue"), videoFilter(), m_file->text()});
    if (!file.isEmpty()) {
        m_lab.edit(tr("Own video"), -1, [&](LabSettings& s) {
            s.video.ownVideo = file.toStdString();
            s.video.ownFirst = 0;
        });
    }
}

void OwnVideoFields::fromHere() {
    if (hasFrame()) {
        const trace::ClipPtr clip = m_lab.store().clip();
        m_lab.edit(tr("Own video"), -1, [&](LabSettings& s) {
            s.video.ownVideo = clip->file;
            s.video.ownFirst = static_cast<std::uint64_t>(clip->target);
        });
    }
}

void OwnVideoFields::refresh() {
    const settings::VideoSettings& video = m_lab.settings().video;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_file), QSignalBlocker(m_every)};
    const QString file = QString::fromStdString(video.ownVideo);
    m_last = file.isEmpty() ? m_last : file;
    m_file->setText(file);
    m_file->setToolTip(file);
    m_first->setText(QString::number(video.ownFirst));
    m_every->setValue(video.ownEvery);
    m_show->setEnabled(!file.isEmpty());
    refreshPlayer();
}

void OwnVideoFields::refreshPlayer() {
    const bool can = hasFrame();
    if (can != m_here->isEnabled() || m_here->toolTip().isEmpty()) {
        m_here->setEnabled(can);
        m_here->setToolTip(
            can ? tr("Predicts what comes after the frame that the player shows")
                : tr("Show the video and go to a frame: the prediction then begins there"));
    }
}

} // namespace depthscope::panels
