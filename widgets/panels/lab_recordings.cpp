// SPDX-License-Identifier: MIT
// The part of the laboratory that leaves and enters recordings.
#include "engine/runtime/replay_runtime.h"
#include "widgets/panels/lab_controller.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QMetaObject>
#include <exception>
#include <utility>

namespace depthscope::panels {

namespace {

/// The prompt that a first step was made of, where the recording does not tell.
runtime::Prompt promptOf(const trace::StepTrace& step) {
    runtime::Prompt prompt;
    if (step.pieceEnds.empty()) {
        prompt.ids = step.ids;
        return prompt;
    }
    prompt.text = step.text;
    for (std::size_t t = 0; t < step.classes.size(); ++t) {
        const std::uint32_t begin = t == 0 ? 0 : step.pieceEnds[t - 1];
        prompt.classes.push_back({begin, step.pieceEnds[t], step.classes[t]});
    }
    return prompt;
}

} // namespace

void LabController::openRecording(const QString& file) {
    std::unique_ptr<runtime::Runtime> replay;
    try {
        replay = m_backends.replay(file.toStdString(), wake(trace::Source::Recorded));
    } catch (const Error& error) {
        raise(tr("%1 could not be opened").arg(QFileInfo(file).fileName()), error);
        return;
    }
    // What is on screen stays until the file has proved to be a recording.
    m_replay = std::move(replay);
    m_replayJobs.clear();
    m_entered = false;
    m_adopted = false;
    drain(trace::Source::Recorded);
}

void LabController::enterRecording() {
    stopJobs(false);
    m_recorded.reset();
    m_newestRun = 0;
    m_source = trace::Source::Recorded;
    m_store.clear();
    m_store.setSource(m_source);
    setCursor({});
    Q_EMIT sourceChanged();
}

void LabController::adoptRecording(const trace::StepTrace& step) {
    m_adopted = true;
    m_recorded = step.model;
    m_undo.clear();
    const auto* replay = dynamic_cast<const runtime::ReplayRuntime*>(m_replay.get());
    const auto recording = replay ? replay->recording() : nullptr;
    if (recording && !(recording->recipe.prompt.empty() && recording->recipe.promptIds.empty())) {
        const recording::Recipe& recipe = recording->recipe;
        m_prompt = {recipe.prompt, recipe.promptIds, recipe.classes};
        m_settings = recipe.settings;
    } else {
        m_prompt = promptOf(step);
        m_settings.routing = step.routing;
    }
    ++m_revision;
    m_inForce = m_revision;
    Q_EMIT promptChanged();
    Q_EMIT modelChanged();
    Q_EMIT settingsChanged();
    Q_EMIT settingsInForce(m_inForce);
}

void LabController::goLive() {
    if (live()) {
        return;
    }
    m_replay.reset();
    m_replayJobs.clear();
    m_recorded.reset();
    m_adopted = true;
    m_liveWhenLoaded = false;
    m_newestRun = 0;
    m_source = trace::Source::Live;
    m_store.setSource(m_source);
    dropReferences(); // those of the recording
    Q_EMIT sourceChanged();
    Q_EMIT modelChanged();
    ++m_revision;
    requestPass();
}

void LabController::leaveRecording() {
    if (live()) {
        return;
    }
    if (m_main) {
        goLive();
    } else if (!m_liveWhenLoaded) {
        m_liveWhenLoaded = true;
        Q_EMIT noticeRaised(has({Kind::LoadMain})
                                ? tr("Live as soon as the model has loaded.")
                                : tr("This is a recording. Choose a model to compute it anew."));
    }
}

void LabController::openDemo(const QString& recording, const QString& modelFolder) {
    if (!recording.isEmpty()) {
        openRecording(recording);
    }
    if (!modelFolder.isEmpty()) {
        m_liveWhenLoaded = !recording.isEmpty();
        loadModel(modelFolder);
    }
}

void LabController::saveRecording(const QString& file) {
    const std::vector<trace::StepPtr> steps = m_store.steps();
    if (steps.empty()) {
        Q_EMIT noticeRaised(tr("There is nothing to save yet: run a text first."));
        return;
    }
    if (m_saving) {
        Q_EMIT noticeRaised(tr("A recording is still being saved: try again in a moment."));
        return;
    }
    recording::Recipe recipe;
    recipe.prompt = m_prompt.text;
    recipe.promptIds = m_prompt.ids;
    recipe.classes = m_prompt.classes;
    recipe.settings = m_settings;
    recipe.software = (QCoreApplication::applicationName() + QLatin1Char(' ') +
                       QCoreApplication::applicationVersion())
                          .toStdString();
    recipe.created = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    m_saving = true; // the one before has ended: waiting for it would stop the window
    m_saver = std::jthread([this, file, steps, recipe, save = m_backends.save] {
        QString message;
        QString hint;
        try {
            save(file.toStdString(), steps, recipe);
        } catch (const Error& error) {
            message = QString::fromStdString(error.message());
            hint = QString::fromStdString(error.hint());
        } catch (const std::exception& error) {
            message = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            this, [this, file, message, hint] { finishSaving(file, message, hint); },
            Qt::QueuedConnection);
    });
}

void LabController::finishSaving(const QString& file, const QString& message, const QString& hint) {
    m_saving = false;
    if (message.isEmpty()) {
        Q_EMIT recordingSaved(file);
    } else {
        Q_EMIT errorRaised(tr("%1 was not saved").arg(QFileInfo(file).fileName()), message, hint);
    }
}

} // namespace depthscope::panels
