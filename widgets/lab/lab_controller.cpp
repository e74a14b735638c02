// SPDX-License-Identifier: MIT
#include "widgets/lab/lab_controller.h"

#include "widgets/lab/setting_command.h"
#include "widgets/lab/window_task.h"

#include <algorithm>
#include <utility>

namespace depthscope::lab {

LabController::LabController(Backends backends, ModelCatalog catalog, QObject* parent)
    : LabNews(parent)
    , m_backends(std::move(backends))
    , m_catalog(std::move(catalog))
    , m_recordings(m_backends, nullptr) {
    m_undo.setUndoLimit(500);
    connect(&m_recordings, &RecordingSession::saved, this, &LabController::finishSaving);
    m_live = m_backends.live(wake(trace::Source::Live));
}

LabController::~LabController() {
    m_live->stopAll();
    m_recordings.stopReading();
}

std::shared_ptr<const spec::ModelInfo> LabController::model() const {
    return live() ? m_main : m_recorded;
}

const Bench& LabController::bench() const {
    return m_main && m_main->clip ? static_cast<const Bench&>(m_video) : m_text;
}

Bench& LabController::bench() {
    return m_main && m_main->clip ? static_cast<Bench&>(m_video) : m_text;
}

Activity LabController::activity() const {
    return m_jobs.activity(bench().wantsPass() && m_main);
}

bool LabController::idle() const {
    const trace::ClipPtr& clip = m_store.clip();
    return activity() == Activity::Idle && m_recordings.idle() && !(clip && clip->busy);
}

bool LabController::hasTasks() const {
    const auto own = findChildren<WindowTask*>(QString(), Qt::FindDirectChildrenOnly);
    return m_jobs.has({JobKind::Task}) || (m_store.clip() && m_store.clip()->playing) ||
           std::any_of(own.begin(), own.end(),
                       [](const WindowTask* task) { return task->isRunning(); });
}

bool LabController::edit(const QString& label,
                         int gesture,
                         const std::function<void(settings::LabSettings&)>& change) {
    settings::LabSettings next = m_settings;
    try {
        change(next);
        settings::checkRanges(next);
    } catch (const Error& error) {
        raise(tr("This value was rejected"), error);
        Q_EMIT settingsChanged();
        return false;
    }
    if (next != m_settings) {
        m_undo.push(new SettingCommand(*this, label, gesture, m_settings, std::move(next)));
    }
    return true;
}

void LabController::apply(const settings::LabSettings& next, bool fromHistory) {
    const bool isVideo = model() && model()->clip;
    const bool rerouted =
        next.routing != m_settings.routing || (isVideo && next.video != m_settings.video);
    m_ruleLeads = m_ruleLeads || next.routing.rule != m_settings.routing.rule;
    if (fromHistory) {
        m_fellBackFrom = next.routing; // what undo brings back stays, even if no model follows it
    }
    m_settings = next;
    if (rerouted) {
        ++m_revision;
    }
    Q_EMIT settingsChanged();
    if (rerouted) {
        leaveRecording();
        requestPass();
    }
}

void LabController::setPrompt(runtime::Prompt prompt, Author author) {
    if (prompt == m_text.prompt()) {
        return;
    }
    m_text.setPrompt(std::move(prompt), author);
    ++m_revision;
    instruments::Cursor cursor;
    cursor.frame = m_cursor.frame;
    setCursor(cursor);
    Q_EMIT promptChanged();
    leaveRecording();
    requestPass();
}

void LabController::setCursor(const instruments::Cursor& cursor) {
    if (cursor == m_cursor) {
        return;
    }
    const bool otherStep = cursor.step != m_cursor.step;
    m_cursor = cursor;
    if (otherStep) {
        m_store.lookAt(m_cursor.step);
    }
    Q_EMIT cursorChanged();
    if (otherStep) {
        Q_EMIT traceChanged();
    }
}

void LabController::moveStep(int by) {
    if (const trace::RunView* run = m_store.view().main) {
        showStep(std::int64_t{run->latest->step} + by);
    }
}

void LabController::showStep(std::int64_t step) {
    const trace::TraceView view = m_store.view();
    if (!view.main || view.stepsOfMain < 2) {
        return;
    }
    const std::int64_t first = view.firstStep;
    const std::int64_t last = first + view.stepsOfMain - 1;
    const std::int64_t next = std::clamp(step, first, last);
    instruments::Cursor cursor = m_cursor;
    cursor.step.reset();
    if (next < last) {
        cursor.step = static_cast<std::uint32_t>(next);
    }
    setCursor(cursor);
}

void LabController::hover(const instruments::HoverIntent& intent) {
    instruments::Cursor next = m_cursor;
    next.hoverPlace = intent.place;
    next.hoverRecursion = intent.recursion;
    setCursor(next);
}

void LabController::pin(const instruments::PinIntent& intent) {
    instruments::Cursor next = m_cursor;
    next.pinnedPlace = intent.place;
    next.pinnedRecursion = intent.recursion;
    setCursor(next);
}

void LabController::submit(JobKind kind, runtime::Request request) {
    if (kind == JobKind::Pass || kind == JobKind::Generate) {
        m_references.forget();
    }
    m_jobs.add(m_live->submit(std::move(request)), kind);
    reportActivity();
}

void LabController::stopJobsOf(std::initializer_list<JobKind> kinds) {
    for (const runtime::JobId job : m_jobs.of(kinds)) {
        m_live->stop(job);
    }
}

void LabController::loadModel(const QString& folder) {
    m_ruleLeads = false;
    load(folder);
}

void LabController::load(const QString& folder) {
    m_fellBackFrom.reset();
    submit(JobKind::LoadMain, runtime::LoadRequest{folder.toStdString(), runtime::ModelRole::Main});
    reportAwaited();
}

void LabController::requestPass() {
    if (bench().hasInput()) {
        bench().requestPass();
        reportActivity();
        return;
    }
    if (live()) {
        stopJobs(false);
        settle(JobKind::Pass);
        m_store.clear();
        forgetStep();
        m_inForce = m_revision;
        Q_EMIT traceChanged();
    }
}

void LabController::run() {
    if (!bench().hasInput()) {
        Q_EMIT noticeRaised(tr("Type or open a text first."));
        return;
    }
    if (!m_main && !m_jobs.has({JobKind::LoadMain})) {
        Q_EMIT noticeRaised(tr("Choose a model first."));
        return;
    }
    ++m_revision;
    leaveRecording();
    requestPass();
}

void LabController::generate() {
    leaveRecording();
    if (!m_main) {
        Q_EMIT noticeRaised(m_jobs.has({JobKind::LoadMain}) ? tr("The model is still loading.")
                                                            : tr("Choose a model first."));
        return;
    }
    if (m_main->clip) {
        Q_EMIT noticeRaised(tr("Video models predict whole clips: use Run."));
        return;
    }
    if (prompt().empty()) {
        Q_EMIT noticeRaised(tr("Type or open a text first: the model continues it."));
        return;
    }
    stopJobs(false);
    m_text.generate();
}

void LabController::stop() {
    stopJobs(true);
}

void LabController::stopJobs(bool loadsToo) {
    bench().cancel();
    stopJobsOf({JobKind::Pass, JobKind::FullDepth, JobKind::Vanilla, JobKind::Generate,
                JobKind::Graded, JobKind::Convergence});
    if (loadsToo) {
        stopJobsOf({JobKind::LoadMain, JobKind::LoadVanilla});
    }
    reportActivity();
}

runtime::JobId LabController::startTask(runtime::Request request) {
    const runtime::JobId task = m_live->submit(std::move(request));
    m_jobs.add(task, JobKind::Task);
    return task;
}

void LabController::stopTask(runtime::JobId task) {
    m_live->stop(task);
}

void LabController::wantConvergence(bool wanted) {
    m_convergence.setWanted(wanted);
    requestReferences();
    reportAwaited();
}

void LabController::showTraining(trace::TrainingView training) {
    m_store.setTraining(std::move(training));
    Q_EMIT trainingChanged();
}

void LabController::showLanes(trace::LanesPtr lanes) {
    m_store.setLanes(std::move(lanes));
    Q_EMIT traceChanged();
}

void LabController::showClip(trace::ClipPtr clip) {
    m_store.setClip(std::move(clip));
    Q_EMIT clipChanged();
}

void LabController::makeGradedText(const runtime::GradedTextRequest& request) {
    submit(JobKind::Graded, request);
}

} // namespace depthscope::lab
