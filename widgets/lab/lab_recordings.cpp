// SPDX-License-Identifier: MIT
// The part of the laboratory that leaves and enters recordings.
#include "widgets/lab/lab_controller.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <utility>

namespace depthscope::lab {

namespace {

/// The prompt that a first step was made of, where the recording does not tell.
runtime::Prompt promptOf(const trace::StepTrace& step) {
    runtime::Prompt prompt;
    const trace::TextContent* text = step.text();
    if (text == nullptr) {
        return prompt;
    }
    if (text->pieceEnds.empty()) {
        prompt.ids = text->ids;
        return prompt;
    }
    prompt.text = text->text;
    prompt.classes.set = step.routing.classSet;
    for (std::size_t t = 0; t < step.routing.classes.size(); ++t) {
        const std::uint32_t begin = t == 0 ? 0 : text->pieceEnds[t - 1];
        prompt.classes.ranges.push_back({begin, text->pieceEnds[t], step.routing.classes[t]});
    }
    return prompt;
}

} // namespace

void LabController::openRecording(const QString& file) {
    try {
        m_recordings.open(file, wake(trace::Source::Recorded));
    } catch (const Error& error) {
        raise(tr("%1 could not be opened").arg(QFileInfo(file).fileName()), error);
        return;
    }
    m_liveWhenLoaded = false; // it is to be looked at, whatever model is loaded meanwhile
    drain(trace::Source::Recorded);
}

void LabController::enterRecording() {
    stopJobs(false);
    m_recorded.reset();
    m_newestRun = 0;
    m_source = trace::Source::Recorded;
    m_store.clear();
    const auto recording = m_recordings.recording();
    m_store.setLanes(recording ? recording->lanes : nullptr);
    m_store.setSource(m_source);
    instruments::Cursor cursor;
    cursor.frame = m_cursor.frame;
    setCursor(cursor);
    Q_EMIT sourceChanged();
}

void LabController::adoptRecording(const trace::StepTrace& step) {
    m_recordings.setStage(RecordingSession::Stage::Settled);
    m_recorded = step.model;
    m_undo.clear();
    const auto recording = m_recordings.recording();
    const bool isOwn = recording && (step.clip() != nullptr || !recording->recipe.prompt.empty() ||
                                     !recording->recipe.promptIds.empty());
    if (isOwn) {
        const recording::RunSetup& recipe = recording->recipe;
        m_text.setPrompt({recipe.prompt, recipe.promptIds, recipe.classes}, Author::Program);
        m_settings = recipe.settings;
    } else {
        m_text.setPrompt(promptOf(step), Author::Program);
        m_settings.routing = step.settings;
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
    m_recordings.close();
    m_recorded.reset();
    m_liveWhenLoaded = false;
    m_newestRun = 0;
    m_source = trace::Source::Live;
    m_store.setSource(m_source);
    m_store.setLanes(nullptr);
    m_references.drop(); // those of the recording
    forgetStep();
    Q_EMIT sourceChanged();
    Q_EMIT modelChanged();
    if (m_main && m_text.followModel(*m_main)) {
        Q_EMIT promptChanged();
    }
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
        Q_EMIT noticeRaised(m_jobs.has({JobKind::LoadMain})
                                ? tr("Live as soon as the model has loaded.")
                                : tr("This is a recording. Choose a model to compute it live."));
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
    std::vector<trace::StepPtr> steps = m_store.steps();
    if (steps.empty()) {
        Q_EMIT noticeRaised(tr("Nothing to save yet: run a text or a clip first."));
        return;
    }
    if (m_recordings.isSaving()) {
        Q_EMIT noticeRaised(tr("A recording is still being saved; try again in a moment."));
        return;
    }
    recording::Recording made;
    recording::RunSetup& recipe = made.recipe;
    recipe.prompt = prompt().text;
    recipe.promptIds = prompt().ids;
    recipe.classes = prompt().classes;
    recipe.settings = m_settings;
    recipe.software = (QCoreApplication::applicationName() + QLatin1Char(' ') +
                       QCoreApplication::applicationVersion())
                          .toStdString();
    recipe.created = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
    made.steps = std::move(steps);
    made.lanes = m_store.lanes();
    m_recordings.save(file, std::move(made));
}

void LabController::finishSaving(const QString& file, const QString& message, const QString& hint) {
    if (message.isEmpty()) {
        Q_EMIT recordingSaved(file);
    } else {
        Q_EMIT errorRaised(tr("%1 was not saved").arg(QFileInfo(file).fileName()), message, hint);
    }
}

} // namespace depthscope::lab
