// SPDX-License-Identifier: MIT
// The part of the laboratory that takes what the runtimes report.
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/reference_model.h"

#include <QFileInfo>
#include <QMetaObject>
#include <utility>
#include <variant>

namespace depthscope::lab {

namespace {

/// The job that an event is of; nothing: of none.
std::optional<runtime::JobId> jobOf(const runtime::Event& event) {
    return std::visit(
        [](const auto& value) -> std::optional<runtime::JobId> {
            if constexpr (requires { value.job; }) {
                return value.job;
            }
            return std::nullopt;
        },
        event);
}

QString failureTitle(JobKind kind, const spec::ModelInfo* model) {
    switch (kind) {
    case JobKind::LoadMain:
        return LabController::tr("The model was not loaded");
    case JobKind::LoadVanilla:
    case JobKind::Vanilla:
        return LabController::tr("The vanilla reference is missing");
    case JobKind::FullDepth:
        return LabController::tr("The full-depth reference is missing");
    case JobKind::Generate:
        return LabController::tr("The generation ended early");
    case JobKind::Graded:
        return LabController::tr("No graded text was generated");
    case JobKind::Convergence:
        return LabController::tr("Predictions after each recursion are missing");
    case JobKind::Pass:
    case JobKind::Task:
        break;
    }
    return model != nullptr && model->clip ? LabController::tr("The clip was not predicted")
                                           : LabController::tr("The text was not routed");
}

} // namespace

runtime::Wake LabController::wake(trace::Source source) {
    return [this, source] {
        QMetaObject::invokeMethod(
            this, [this, source] { drain(source); }, Qt::QueuedConnection);
    };
}

void LabController::drain(trace::Source source) {
    const bool fromLive = source == trace::Source::Live;
    if (fromLive && !m_live) {
        return; // its first wake-up may come before the laboratory stands
    }
    bool stepped = false;
    for (const runtime::Event& event : fromLive ? m_live->drain() : m_recordings.drain()) {
        stepped = (fromLive ? onLiveEvent(event) : onReplayEvent(event)) || stepped;
    }
    if (stepped) {
        reportSteps();
    }
    reportAwaited();
    reportActivity();
}

/// True: it is a step, so that the traces may have changed.
bool LabController::onReplayEvent(const runtime::Event& event) {
    if (const auto* loaded = std::get_if<runtime::ModelLoaded>(&event)) {
        m_recorded = loaded->model;
        Q_EMIT modelChanged();
    } else if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
        onRecordedStep(published->step);
        return true;
    } else if (const auto* started = std::get_if<runtime::JobStarted>(&event)) {
        m_recordings.jobStarted(started->job);
    } else if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        reportProgress(*news);
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        onReplayEnded(*ended);
    }
    return false;
}

/// True: it is a step that the laboratory asked for.
bool LabController::onLiveEvent(const runtime::Event& event) {
    const std::optional<runtime::JobId> job = jobOf(event);
    const std::optional<JobKind> kind = job ? m_jobs.kindOf(*job) : std::nullopt;
    if (kind == JobKind::Task) {
        if (std::holds_alternative<runtime::JobEnded>(event)) {
            m_jobs.end(*job);
        }
        Q_EMIT taskEvent(event);
    } else if (const auto* loaded = std::get_if<runtime::ModelLoaded>(&event)) {
        onModel(*loaded);
    } else if (const auto* published = std::get_if<runtime::StepPublished>(&event)) {
        // Else of a job that the laboratory did not ask for.
        return kind && onLiveStep(published->step);
    } else if (const auto* news = std::get_if<runtime::JobProgress>(&event)) {
        reportProgress(*news);
    } else if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        onLiveEnded(*ended);
    } else if (const auto* status = std::get_if<runtime::EngineStatus>(&event)) {
        m_status = *status;
        Q_EMIT statusChanged(*status);
    } else if (const auto* report = std::get_if<runtime::GradedTextReport>(&event)) {
        setPrompt(report->prompt);
    } else if (const auto* made = std::get_if<runtime::ConvergenceReport>(&event)) {
        m_store.setConvergence(made->convergence);
        Q_EMIT traceChanged();
    }
    return false;
}

void LabController::onModel(const runtime::ModelLoaded& event) {
    if (event.role == runtime::ModelRole::Vanilla) {
        if (canBeCompared(*event.model)) {
            m_references.setVanilla(event.model);
        }
        return;
    }
    m_main = event.model;
    m_comparedFolder.clear();
    m_references.setVanillaEntry(comparedModel()); // reads files: once
    if (live()) {                                  // a recording keeps its own
        m_references.drop();
        Q_EMIT modelChanged();
        if (m_text.followModel(*m_main)) {
            Q_EMIT promptChanged();
        }
    }
}

std::optional<ModelEntry> LabController::comparedModel() const {
    return m_comparedFolder.isEmpty()
               ? m_catalog.vanilla(QString::fromStdString(m_main->folder))
               : ModelEntry{QFileInfo(m_comparedFolder).fileName(), m_comparedFolder, {}};
}

void LabController::compareWithModel(const QString& folder) {
    if (!m_main || !live()) {
        Q_EMIT noticeRaised(tr("Open a model first: then another can stand beside it."));
        return;
    }
    m_comparedFolder = folder;
    m_references.setVanillaEntry(comparedModel());
    m_references.drop();
    requestReferences();
    reportAwaited();
    Q_EMIT traceChanged();
}

/// False: said why not, and its neighbour is compared again.
bool LabController::canBeCompared(const spec::ModelInfo& model) {
    const std::optional<Error> reason =
        m_main ? whyNotReference(*m_main, model) : std::optional<Error>();
    if (!reason) {
        return true;
    }
    raise(tr("%1 cannot be compared").arg(QString::fromStdString(model.name)), *reason);
    m_comparedFolder.clear();
    m_references.setVanillaEntry(comparedModel());
    return false;
}

/// False: it is of a run that a newer one has replaced.
bool LabController::addStep(const trace::StepPtr& step) {
    if (step->key == trace::kMainRun) {
        if (step->run < m_newestRun) {
            return false;
        }
        m_newestRun = step->run;
    }
    m_store.add(step);
    forgetStep();
    return true;
}

/// The store has let go of the step looked at, with its run.
void LabController::forgetStep() {
    if (m_cursor.step && !m_store.looksBack()) {
        m_cursor.step.reset();
        Q_EMIT cursorChanged();
    }
}

void LabController::onRecordedStep(const trace::StepPtr& step) {
    if (m_recordings.stage() == RecordingSession::Stage::Opening) {
        m_recordings.setStage(RecordingSession::Stage::Entered);
        enterRecording();
    }
    if (live() || !addStep(step) || step->key != trace::kMainRun) {
        return;
    }
    if (m_recordings.stage() == RecordingSession::Stage::Entered) {
        adoptRecording(*step);
    }
}

/// True: something has come on screen.
bool LabController::onLiveStep(const trace::StepPtr& step) {
    const std::vector<trace::StepPtr> due = m_hold.add(step);
    for (const trace::StepPtr& shown : due) {
        showLiveStep(shown);
    }
    return !due.empty();
}

/// Shows the steps that were held of a run whose job is over.
void LabController::releaseSteps(JobKind kind, bool ended) {
    const trace::RunKey key = kind == JobKind::FullDepth ? trace::kFullDepthRun
                              : kind == JobKind::Vanilla ? trace::kVanillaRun
                                                         : trace::kMainRun;
    if (!ended) {
        m_hold.drop(key);
        return;
    }
    const std::vector<trace::StepPtr> due = m_hold.release(key);
    for (const trace::StepPtr& shown : due) {
        showLiveStep(shown);
    }
    if (!due.empty()) {
        reportSteps();
    }
}

void LabController::showLiveStep(const trace::StepPtr& step) {
    if (!live() || !addStep(step) || step->key != trace::kMainRun) {
        return;
    }
    m_convergence.follow();
    if (step->revision < m_revision && (bench().wantsPass() || m_jobs.has({JobKind::Pass}))) {
        m_store.beginComputing(); // a newer one is on its way
    }
    if (m_inForce != step->revision) {
        m_inForce = step->revision;
        Q_EMIT settingsInForce(m_inForce);
    }
}

void LabController::onMainLoaded(bool failed) {
    const bool settled = m_recordings.stage() == RecordingSession::Stage::Settled;
    if (failed) {
        bench().cancel();
        m_ruleLeads = false; // or the next key would load the same model again
        m_store.endComputing();
        Q_EMIT traceChanged();
    } else if (m_liveWhenLoaded && settled && !live()) {
        goLive();
    } else if (live()) {
        requestPass();
    }
}

void LabController::onReplayEnded(const runtime::JobEnded& event) {
    m_recordings.jobEnded(event.job);
    if (event.error && event.error->code() != ErrorCode::Interrupted) {
        raise(tr("The recording could not be read"), *event.error);
    }
    m_recordings.setStage(RecordingSession::Stage::Settled);
    if (m_liveWhenLoaded && m_main) {
        goLive();
    }
}

void LabController::onLiveEnded(const runtime::JobEnded& event) {
    const std::optional<JobKind> kind = m_jobs.end(event.job);
    if (!kind) {
        return;
    }
    const bool failed =
        event.error && event.error->code() != ErrorCode::Interrupted && !event.replaced;
    releaseSteps(*kind, !event.error && !event.replaced);
    if (failed && *kind == JobKind::Pass && bench().choosesOther()) {
        Q_EMIT promptChanged();
        requestPass();
        return;
    }
    if (failed) {
        m_unsettled.insert(*kind);
        if (*kind == JobKind::Pass) {
            bench().passFailed();
        }
        raise(failureTitle(*kind, m_main.get()), *event.error);
    } else if (!event.error && !event.replaced) {
        settle(*kind);
    }
    if (*kind == JobKind::LoadMain) {
        onMainLoaded(event.error.has_value() || !m_main);
    }
    if (*kind == JobKind::Pass || *kind == JobKind::Generate) {
        onRunEnded(event.replaced);
    } else {
        requestReferences();
    }
}

bool LabController::mainRunComes() const {
    return m_jobs.has({JobKind::LoadMain, JobKind::Pass, JobKind::Generate}) || bench().wantsPass();
}

void LabController::requestReferences() {
    if (m_main && !mainRunComes()) {
        m_references.request();
        m_convergence.request();
    }
}

void LabController::settle(JobKind kind) {
    if (kind == JobKind::Pass) {
        bench().passSucceeded();
    }
    if (m_unsettled.erase(kind) > 0) {
        Q_EMIT errorSettled(failureTitle(kind, m_main.get()));
    }
}

void LabController::onRunEnded(bool replaced) {
    if (m_jobs.has({JobKind::Pass, JobKind::Generate})) {
        return;
    }
    if (bench().wantsPass()) {
        requestPass();
        return;
    }
    if (!replaced) {
        m_store.endComputing();
        Q_EMIT traceChanged();
    }
    requestReferences();
}

void LabController::reportSteps() {
    reportTrace(m_jobs.has({JobKind::Generate}));
}

// What the panels say of references that are not there.
void LabController::reportAwaited() {
    std::set<trace::RunKey> now = m_references.awaited(mainRunComes());
    const trace::EmptyReason why = emptyReason();
    const bool converges = m_jobs.has({JobKind::Convergence});
    const trace::TraceView shown = m_store.view();
    if (now != shown.awaited || why != shown.emptyReason || converges != shown.convergenceComes) {
        m_store.setConvergenceComes(converges);
        m_store.setAwaited(std::move(now));
        m_store.setEmptyReason(why);
        Q_EMIT traceChanged();
    }
}

trace::EmptyReason LabController::emptyReason() const {
    if (m_jobs.has({JobKind::LoadMain})) {
        return trace::EmptyReason::Loading;
    }
    if (!bench().hasInput()) {
        return trace::EmptyReason::NoText;
    }
    if (!m_main) {
        return trace::EmptyReason::NoModel;
    }
    if (refused()) {
        return trace::EmptyReason::Refused;
    }
    return m_main->clip ? trace::EmptyReason::NoClip : trace::EmptyReason::NoText;
}

} // namespace depthscope::lab
