// SPDX-License-Identifier: MIT
#include "widgets/panels/lab_controller.h"

#include "widgets/panels/rules.h"
#include "widgets/panels/setting_command.h"

#include <QMetaObject>
#include <algorithm>
#include <utility>

namespace depthscope::panels {

namespace {

/// A pass younger than this is let finish when a newer value arrives: while a slider moves without
/// pause, always cancelling would show nothing until it rests.
constexpr qint64 kLetFinishMilliseconds = 40;

/// Decoded tokens come faster than a window need be painted: more often would take the engine's
/// time and show no more.
constexpr int kFrameMilliseconds = 40;

/// What is over sooner is not shown as activity.
constexpr int kMomentMilliseconds = 200;

} // namespace

LabController::LabController(Backends backends, ModelCatalog catalog, QObject* parent)
    : QObject(parent)
    , m_backends(std::move(backends))
    , m_catalog(std::move(catalog)) {
    m_undo.setUndoLimit(500);
    m_reportLater.setSingleShot(true);
    m_reportLater.setInterval(kMomentMilliseconds);
    connect(&m_reportLater, &QTimer::timeout, this, &LabController::showActivity);
    m_traceLater.setSingleShot(true);
    m_traceLater.setInterval(kFrameMilliseconds);
    connect(&m_traceLater, &QTimer::timeout, this, &LabController::traceChanged);
    m_live = m_backends.live(wake(trace::Source::Live));
}

LabController::~LabController() {
    m_live->stopAll();
    if (m_replay) {
        m_replay->stopAll();
    }
}

runtime::Wake LabController::wake(trace::Source source) {
    return [this, source] {
        QMetaObject::invokeMethod(
            this, [this, source] { drain(source); }, Qt::QueuedConnection);
    };
}

std::shared_ptr<const trace::ModelInfo> LabController::model() const {
    return live() ? m_main : m_recorded;
}

bool LabController::has(std::initializer_list<Kind> kinds) const {
    return std::any_of(m_jobs.begin(), m_jobs.end(), [&](const auto& job) {
        return std::find(kinds.begin(), kinds.end(), job.second) != kinds.end();
    });
}

Activity LabController::activity() const {
    if (has({Kind::LoadMain})) {
        return Activity::Loading;
    }
    if (has({Kind::Generate})) {
        return Activity::Generating;
    }
    if (has({Kind::Pass}) || (m_passWanted && m_main)) {
        return Activity::Routing;
    }
    const bool measuring = std::any_of(m_jobs.begin(), m_jobs.end(),
                                       [](const auto& job) { return job.second != Kind::Task; });
    return measuring ? Activity::Measuring : Activity::Idle;
}

bool LabController::idle() const {
    return activity() == Activity::Idle && m_replayJobs.empty() && m_adopted && !m_saving;
}

void LabController::reportTrace() {
    if (!has({Kind::Generate})) {
        m_traceLater.stop();
        Q_EMIT traceChanged();
    } else if (!m_traceLater.isActive()) {
        m_traceLater.start();
    }
}

void LabController::reportActivity() {
    const Activity now = activity();
    if (now == Activity::Routing || now == Activity::Measuring) {
        if (m_reported != now && !m_reportLater.isActive()) {
            m_reportLater.start();
        }
        return;
    }
    m_reportLater.stop();
    showActivity();
}

void LabController::showActivity() {
    const Activity now = activity();
    if (now != m_reported) {
        m_reported = now;
        Q_EMIT activityChanged();
    }
}

void LabController::raise(const QString& title, const Error& error) {
    Q_EMIT errorRaised(title, QString::fromStdString(error.message()),
                       QString::fromStdString(error.hint()));
}

bool LabController::edit(const QString& label,
                         int gesture,
                         const std::function<void(settings::LabSettings&)>& change) {
    settings::LabSettings next = m_settings;
    try {
        change(next);
        settings::checkRanges(next);
    } catch (const Error& error) {
        raise(tr("This value was not used"), error);
        Q_EMIT settingsChanged();
        return false;
    }
    if (next != m_settings) {
        m_undo.push(new SettingCommand(*this, label, gesture, m_settings, std::move(next)));
    }
    return true;
}

void LabController::apply(const settings::LabSettings& next, bool fromHistory) {
    const bool rerouted = next.routing != m_settings.routing;
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

void LabController::setPrompt(runtime::Prompt prompt) {
    if (prompt == m_prompt) {
        return;
    }
    m_prompt = std::move(prompt);
    ++m_revision;
    setCursor({});
    Q_EMIT promptChanged();
    leaveRecording();
    requestPass();
}

void LabController::setCursor(const instruments::Cursor& cursor) {
    if (cursor != m_cursor) {
        m_cursor = cursor;
        Q_EMIT cursorChanged();
    }
}

void LabController::hover(const instruments::HoverIntent& intent) {
    instruments::Cursor next = m_cursor;
    next.hoverToken = intent.token;
    next.hoverRecursion = intent.recursion;
    setCursor(next);
}

void LabController::pin(const instruments::PinIntent& intent) {
    instruments::Cursor next = m_cursor;
    next.pinnedToken = intent.token;
    next.pinnedRecursion = intent.recursion;
    setCursor(next);
}

void LabController::submit(Kind kind, runtime::Request request) {
    m_jobs[m_live->submit(std::move(request))] = kind;
    reportActivity();
}

void LabController::loadModel(const QString& folder) {
    m_ruleLeads = false;
    load(folder);
}

void LabController::load(const QString& folder) {
    m_fellBackFrom.reset();
    submit(Kind::LoadMain, runtime::LoadRequest{folder.toStdString(), runtime::Slot::Main});
    reportAwaited();
}

void LabController::requestPass() {
    if (m_prompt.text.empty() && m_prompt.ids.empty()) {
        if (!live()) {
            return;
        }
        stopJobs(false);
        settle(Kind::Pass);
        m_store.clear();
        m_inForce = m_revision;
        Q_EMIT traceChanged();
        return;
    }
    m_passWanted = true;
    if (!live() || !m_main || has({Kind::LoadMain}) || !ensureRule()) {
        return;
    }
    for (const auto& [job, kind] : m_jobs) {
        if (kind == Kind::Generate) {
            m_live->stop(job);
        }
    }
    if (has({Kind::Pass}) && m_passClock.elapsed() < kLetFinishMilliseconds) {
        reportActivity();
        return;
    }
    submitPass();
}

void LabController::submitPass() {
    m_passWanted = false;
    m_askedPrompt = m_prompt;
    m_passClock.start();
    for (const auto& [job, kind] : m_jobs) {
        if (kind == Kind::FullDepth || kind == Kind::Vanilla) {
            m_live->stop(job);
        }
    }
    m_referenceIds.clear();
    m_timedRevision = 0;
    m_store.beginComputing();
    runtime::PassRequest request;
    request.prompt = m_prompt;
    request.routing = effectiveRouting(*m_main, m_settings.routing);
    request.revision = m_revision;
    submit(Kind::Pass, std::move(request));
    Q_EMIT traceChanged();
}

void LabController::requestReferences() {
    const trace::TraceView view = m_store.view();
    if (!live() || !view.main || !isOfThisModel()) {
        return;
    }
    if (view.main->ids != m_referenceIds) {
        m_referenceIds = view.main->ids;
        runtime::PassRequest request;
        request.prompt.ids = view.main->ids;
        request.revision = view.main->latest->revision;
        if (!view.fullDepth && m_main->recursions > 1) {
            request.role = trace::RunRole::FullDepth;
            request.routing.rule = settings::Rule::Fixed;
            submit(Kind::FullDepth, request);
        }
        if (!view.vanilla && m_vanilla) {
            request.role = trace::RunRole::Vanilla;
            request.routing.rule = settings::Rule::Model;
            submit(Kind::Vanilla, request);
        }
    }
    requestTimes(view);
}

/// Once all is shown: times that can be compared, of the settings in force.
void LabController::requestTimes(const trace::TraceView& view) {
    const trace::StepTrace& shown = *view.main->latest;
    if (!view.fullDepth || shown.kind != trace::StepKind::Pass || shown.revision != m_revision ||
        shown.revision == m_timedRevision || has({Kind::FullDepth, Kind::Vanilla})) {
        return;
    }
    m_timedRevision = shown.revision;
    runtime::PassRequest request;
    request.prompt.ids = view.main->ids;
    request.revision = shown.revision;
    request.role = trace::RunRole::FullDepth;
    request.routing.rule = settings::Rule::Fixed;
    request.timedWith = effectiveRouting(*m_main, m_settings.routing);
    submit(Kind::FullDepth, std::move(request));
}

void LabController::dropReferences() {
    const std::vector<trace::StepPtr> steps = m_store.steps();
    m_store.clear();
    for (const trace::StepPtr& step : steps) {
        if (step->role == trace::RunRole::Main) {
            m_store.add(step);
        }
    }
    m_referenceIds.clear();
}

void LabController::loadVanilla() {
    if (!m_vanillaEntry) {
        m_vanilla.reset();
        m_vanillaTried.clear();
    } else if (m_vanillaTried != m_vanillaEntry->folder) {
        m_vanillaTried = m_vanillaEntry->folder;
        submit(Kind::LoadVanilla,
               runtime::LoadRequest{m_vanillaTried.toStdString(), runtime::Slot::Vanilla});
    }
}

void LabController::run() {
    if (m_prompt.text.empty() && m_prompt.ids.empty()) {
        Q_EMIT noticeRaised(tr("Type or open a text first."));
        return;
    }
    if (!m_main && !has({Kind::LoadMain})) {
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
        Q_EMIT noticeRaised(has({Kind::LoadMain}) ? tr("The model is still loading.")
                                                  : tr("Choose a model first."));
        return;
    }
    if (m_prompt.text.empty() && m_prompt.ids.empty()) {
        Q_EMIT noticeRaised(tr("Type or open a text first: the model continues it."));
        return;
    }
    stopJobs(false);
    m_referenceIds.clear();
    m_store.beginComputing();
    runtime::GenerateRequest request;
    request.prompt = m_prompt;
    request.routing = causalRouting(*m_main, m_settings.routing);
    request.generation = m_settings.generation;
    request.revision = m_revision;
    submit(Kind::Generate, std::move(request));
    Q_EMIT traceChanged();
}

void LabController::stop() {
    stopJobs(true);
}

void LabController::stopJobs(bool loadsToo) {
    m_passWanted = false;
    for (const auto& [job, kind] : m_jobs) {
        const bool load = kind == Kind::LoadMain || kind == Kind::LoadVanilla;
        if (kind != Kind::Task && (loadsToo || !load)) {
            m_live->stop(job);
        }
    }
    reportActivity();
}

runtime::JobId LabController::startTask(runtime::Request request) {
    const runtime::JobId task = m_live->submit(std::move(request));
    m_jobs[task] = Kind::Task;
    return task;
}

void LabController::stopTask(runtime::JobId task) {
    m_live->stop(task);
}

void LabController::showTraining(trace::TrainingView training) {
    m_store.setTraining(std::move(training));
    Q_EMIT trainingChanged();
}

void LabController::makeGradedText(const runtime::GradedTextRequest& request) {
    submit(Kind::Graded, request);
}

} // namespace depthscope::panels
