// SPDX-License-Identifier: MIT
#include "widgets/panels/session_memory.h"

#include "engine/base/error.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/figure_restorer.h"
#include "widgets/panels/form_choices.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/many_dialog.h"
#include "widgets/panels/measure_dialog.h"
#include "widgets/panels/reference_chooser.h"
#include "widgets/panels/train_controller.h"
#include "widgets/panels/train_panel.h"
#include "widgets/panels/training_offer.h"

#include <QDir>
#include <QDockWidget>
#include <QEvent>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <utility>

namespace depthscope::panels {

namespace {

/// A killed process loses what was done in this time.
constexpr int kLaterMilliseconds = 1'000;

} // namespace

SessionMemory::SessionMemory(MainWindow& window, QString file, QObject* parent)
    : QObject(parent)
    , m_window(window)
    , m_file(std::move(file))
    , m_restorer(window.findChild<FigureRestorer*>())
    , m_train(window.findChild<TrainPanel*>())
    , m_offer(window.findChild<TrainingOffer*>()) {
    m_later.setSingleShot(true);
    m_later.setInterval(kLaterMilliseconds);
    connect(&m_later, &QTimer::timeout, this, &SessionMemory::write);
}

bool SessionMemory::restore(const QString& demoModel) {
    if (!QFileInfo::exists(m_file)) {
        return false;
    }
    try {
        const Session session = readSession(m_file);
        bringBack(session, demoModel);
        m_restored = true;
    } catch (const Error& error) {
        const QString kept = setAside(m_file);
        Q_EMIT m_window.lab().errorRaised(
            tr("The last session could not be read"), QString::fromStdString(error.message()),
            kept.isEmpty() ? tr("The window starts without it.")
                           : tr("The window starts without it. The file is kept as %1.")
                                 .arg(QDir::toNativeSeparators(kept)));
    }
    return m_restored;
}

void SessionMemory::bringBack(const Session& session, const QString& demoModel) {
    lab::LabController& lab = m_window.lab();
    const auto sayGone = [&lab](const QString& what, const QString& path, const QString& remedy) {
        Q_EMIT lab.errorRaised(what, tr("%1 was not found").arg(QDir::toNativeSeparators(path)),
                               remedy);
    };
    FigureRecipe view = session.view;
    QString recording = session.recording;
    const QString folder = lab.catalog().find(session.model);
    if (folder.isEmpty() && !session.model.isEmpty()) {
        sayGone(tr("The model of the last session is missing"), session.model,
                tr("The demo model stands in for it; prompt and settings are kept. Open the "
                   "model's folder where it is now."));
    }
    if (!recording.isEmpty() && !QFileInfo::exists(recording)) {
        sayGone(tr("The recording of the last session is missing"), recording,
                tr("Its prompt is computed live. Open the file where it is now."));
        recording.clear();
    }
    if (!view.clipFile.isEmpty() && !QFileInfo::exists(view.clipFile)) {
        sayGone(tr("The video of the last session is missing"), view.clipFile,
                tr("Open the file where it is now."));
        view.clipFile.clear();
    }
    QHash<QString, QString> references;
    for (const auto& [model, chosen] : session.references) {
        if (QFileInfo::exists(chosen)) {
            references.insert(model, chosen);
        }
    }
    m_window.findChild<ReferenceChooser*>()->setChosen(std::move(references));
    if (!session.choices.empty()) {
        choose(m_window.measureDialog(), session.choices);
        choose(ManyDialog::of(m_window, lab), session.choices);
    }
    m_train->fill(session.training);
    m_model = folder.isEmpty() ? QString() : session.model;
    m_restorer->resume(std::move(view), recording, folder.isEmpty() ? demoModel : folder);
    offerTraining(session);
}

void SessionMemory::offerTraining(const Session& session) {
    const QString folder = QString::fromStdString(session.training.outFolder);
    const bool isFinished = QFileInfo::exists(folder + QStringLiteral("/training.json"));
    const std::vector<spec::PresetInfo>& presets = m_train->controller().presets();
    const bool isKnown = std::ranges::any_of(presets, [&](const spec::PresetInfo& preset) {
        return preset.name == session.training.preset;
    });
    if (session.trainingStopped && isKnown && !isFinished) {
        m_offer->offer(session.training);
    }
}

/// Another start replaces the session: it is renamed, and its training is offered all the same.
void SessionMemory::leaveEarlier() {
    if (!QFileInfo::exists(m_file)) {
        return;
    }
    try {
        offerTraining(readSession(m_file));
    } catch (const Error&) {
        // The file is kept; whoever opens it is told what is wrong with it.
    }
    const QFileInfo info(m_file);
    const QString name = QStringLiteral("%1/%2-earlier.%3")
                             .arg(info.absolutePath(), info.completeBaseName(), info.suffix());
    QFile::remove(name);
    QFile::rename(m_file, name);
}

void SessionMemory::start() {
    if (!m_restored) {
        leaveEarlier();
    }
    m_started = true;
    lab::LabController& lab = m_window.lab();
    for (const auto changed :
         {&lab::LabController::settingsChanged, &lab::LabController::promptChanged,
          &lab::LabController::cursorChanged, &lab::LabController::activityChanged,
          &lab::LabController::sourceChanged, &lab::LabController::clipChanged}) {
        connect(&lab, changed, this, &SessionMemory::later);
    }
    connect(&lab, &lab::LabController::modelChanged, this, &SessionMemory::followModel);
    connect(&m_train->controller(), &TrainController::changed, this, [this] {
        if (m_train->controller().isBusy()) {
            m_offer->withdraw(); // the window has one training
        }
        later();
    });
    connect(m_offer, &TrainingOffer::discarded, this, &SessionMemory::later);
    m_window.installEventFilter(this);
    followModel();
}

bool SessionMemory::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize || event->type() == QEvent::Move ||
        event->type() == QEvent::LayoutRequest) {
        later();
    }
    return QObject::eventFilter(watched, event);
}

void SessionMemory::later() {
    if (!m_later.isActive()) {
        m_later.start();
    }
}

void SessionMemory::followModel() {
    const auto model = m_window.lab().model();
    if (model && m_window.lab().live()) {
        const QString name = QString::fromStdString(model->name);
        const QString folder = QString::fromStdString(model->folder);
        m_model = m_window.lab().catalog().find(name) == folder ? name : folder;
    }
    later();
}

Session SessionMemory::session() const {
    const lab::LabController& lab = m_window.lab();
    Session session;
    session.model = m_model;
    // While a model loads, a recording may be there to make room for it.
    if (!lab.live() && lab.activity() != lab::Activity::Loading) {
        session.recording = lab.recordings().file();
    }
    session.view = m_window.lookedAt();
    if (const auto* measure = m_window.findChild<MeasureDialog*>()) {
        session.choices = choicesOf(*measure);
    }
    if (const auto* many = m_window.findChild<ManyDialog*>()) {
        session.choices.merge(choicesOf(*many));
    }
    const auto* video = m_window.findChild<QDockWidget*>(QStringLiteral("dock.video"));
    if (video == nullptr || video->isHidden()) {
        session.view.clipFile.clear();
    }
    const auto* references = m_window.findChild<ReferenceChooser*>();
    for (auto it = references->chosen().begin(); it != references->chosen().end(); ++it) {
        session.references[it.key()] = it.value();
    }
    keepTraining(session);
    return session;
}

void SessionMemory::keepTraining(Session& session) const {
    const TrainController& train = m_train->controller();
    const TrainState state = train.state();
    session.training = m_train->request();
    if (m_offer->request()) {
        session.training = *m_offer->request();
        session.trainingStopped = true;
    } else if (state == TrainState::Running || state == TrainState::Pausing ||
               state == TrainState::Paused) {
        session.training = train.request();
        session.trainingStopped = true;
    }
}

void SessionMemory::write() {
    m_later.stop();
    if (!m_started) {
        return;
    }
    if (m_restorer->isRunning()) {
        later(); // until then the file says what comes back
        return;
    }
    m_window.keepLayout();
    const QByteArray json = toJson(session());
    if (json == m_written) {
        return;
    }
    try {
        writeSession(m_file, json);
        m_written = json;
    } catch (const Error& error) {
        if (!std::exchange(m_complained, true)) {
            Q_EMIT m_window.lab().errorRaised(tr("The session is not kept"),
                                              QString::fromStdString(error.message()),
                                              QString::fromStdString(error.hint()));
        }
    }
}

} // namespace depthscope::panels
