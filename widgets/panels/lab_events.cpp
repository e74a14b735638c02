// SPDX-License-Identifier: MIT
// The part of the laboratory that takes what the runtimes report.
#include "widgets/panels/lab_controller.h"

#include <utility>
#include <variant>

namespace depthscope::panels {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace

void LabController::drain(trace::Source source) {
    const bool fromLive = source == trace::Source::Live;
    runtime::Runtime* runtime = fromLive ? m_live.get() : m_replay.get();
    if (!runtime) {
        return;
    }
    bool stepped = false;
    for (const runtime::Event& event : runtime->drain()) {
        if (fromLive && isOfTask(event)) {
            onTask(event);
            continue;
        }
        std::visit(Overloaded{
                       [&](const runtime::ModelLoaded& loaded) { onModel(loaded, source); },
                       [&](const runtime::StepPublished& published) {
                           if (!fromLive || m_jobs.contains(published.job)) {
                               onStep(published.step, source);
                               stepped = true;
                           }
                       },
                       [&](const runtime::JobStarted& started) {
                           if (!fromLive && m_replay) {
                               m_replayJobs[started.job] = Kind::Replay;
                           }
                       },
                       [&](const runtime::JobProgress& news) {
                           Q_EMIT progress(QString::fromStdString(news.what), news.fraction,
                                           news.secondsLeft);
                       },
                       [&](const runtime::JobEnded& ended) { onEnded(ended, source); },
                       [&](const runtime::EngineStatus& status) {
                           if (fromLive) {
                               m_status = status;
                               Q_EMIT statusChanged(status);
                           }
                       },
                       [&](const runtime::GradedTextReport& report) { setPrompt(report.prompt); },
                       [](const auto&) {},
                   },
                   event);
    }
    if (stepped) {
        reportTrace();
    }
    reportAwaited();
    reportActivity();
}

bool LabController::isOfTask(const runtime::Event& event) const {
    return std::visit(
        [this](const auto& value) {
            if constexpr (requires { value.job; }) {
                const auto found = m_jobs.find(value.job);
                return found != m_jobs.end() && found->second == Kind::Task;
            }
            return false;
        },
        event);
}

void LabController::onTask(const runtime::Event& event) {
    if (const auto* ended = std::get_if<runtime::JobEnded>(&event)) {
        m_jobs.erase(ended->job);
    }
    Q_EMIT taskEvent(event);
}

void LabController::onModel(const runtime::ModelLoaded& event, trace::Source source) {
    if (source == trace::Source::Recorded) {
        m_recorded = event.model;
        Q_EMIT modelChanged();
        return;
    }
    if (event.slot == runtime::Slot::Vanilla) {
        m_vanilla = event.model;
        m_referenceIds.clear();
        return;
    }
    m_main = event.model;
    m_vanillaEntry = m_catalog.vanilla(QString::fromStdString(m_main->folder)); // reads files: once
    if (live()) { // a recording keeps its own
        dropReferences();
        Q_EMIT modelChanged();
    }
}

void LabController::onStep(const trace::StepPtr& step, trace::Source source) {
    if (!step) {
        return;
    }
    if (source == trace::Source::Recorded && !m_adopted && !m_entered) {
        m_entered = true;
        enterRecording();
    }
    if (source != m_source) {
        return;
    }
    if (step->role == trace::RunRole::Main) {
        if (step->run < m_newestRun) {
            return;
        }
        m_newestRun = step->run;
    }
    m_store.add(step);
    if (step->role != trace::RunRole::Main) {
        return;
    }
    const bool newerOnItsWay = step->revision < m_revision && (m_passWanted || has({Kind::Pass}));
    if (source == trace::Source::Live && newerOnItsWay) {
        m_store.beginComputing();
    }
    if (source == trace::Source::Recorded) {
        if (!m_adopted) {
            adoptRecording(*step);
        }
    } else if (m_inForce != step->revision) {
        m_inForce = step->revision;
        Q_EMIT settingsInForce(m_inForce);
    }
}

QString LabController::failureTitle(Kind kind) {
    switch (kind) {
    case Kind::LoadMain:
        return tr("The model was not loaded");
    case Kind::LoadVanilla:
    case Kind::Vanilla:
        return tr("The vanilla reference is missing");
    case Kind::FullDepth:
        return tr("The full-depth reference is missing");
    case Kind::Generate:
        return tr("The generation ended early");
    case Kind::Graded:
        return tr("No graded text was made");
    case Kind::Replay:
        return tr("The recording could not be read");
    case Kind::Pass:
    case Kind::Task:
        break;
    }
    return tr("The text was not routed");
}

void LabController::onMainLoaded(bool failed) {
    if (failed) {
        m_passWanted = false;
        m_ruleLeads = false; // or the next key would load the same model again
        m_store.endComputing();
        Q_EMIT traceChanged();
    } else if (m_liveWhenLoaded && m_adopted && !live()) {
        goLive();
    } else if (live()) {
        requestPass();
    }
}

void LabController::onEnded(const runtime::JobEnded& event, trace::Source source) {
    if (source == trace::Source::Recorded) {
        m_replayJobs.erase(event.job);
        if (event.error && event.error->code() != ErrorCode::Interrupted) {
            raise(failureTitle(Kind::Replay), *event.error);
        }
        m_adopted = true;
        if (m_liveWhenLoaded && m_main) {
            goLive();
        }
        return;
    }
    const auto found = m_jobs.find(event.job);
    if (found == m_jobs.end()) {
        return;
    }
    const Kind kind = found->second;
    m_jobs.erase(found);
    const bool failed =
        event.error && event.error->code() != ErrorCode::Interrupted && !event.replaced;
    if (failed) {
        m_unsettled.insert(kind);
        m_refused = kind == Kind::Pass ? m_revision : m_refused;
        if (kind == Kind::Pass && (!isOfThisModel() || m_prompt != m_routedPrompt)) {
            m_store.clear(); // the picture is another model's or text's
        }
        raise(failureTitle(kind), *event.error);
    } else if (!event.error && !event.replaced) {
        settle(kind);
    }
    if (kind == Kind::LoadMain) {
        onMainLoaded(event.error.has_value() || !m_main);
    }
    if (kind == Kind::Pass || kind == Kind::Generate) {
        onPassEnded(event.replaced);
    } else if (m_main && !has({Kind::LoadMain, Kind::Pass, Kind::Generate}) && !m_passWanted) {
        loadVanilla();
        requestReferences();
    }
}

bool LabController::isOfThisModel() const {
    const trace::TraceView view = m_store.view();
    return view.main && view.main->latest->model == m_main;
}

void LabController::settle(Kind kind) {
    if (kind == Kind::Pass) {
        m_refused = 0;
        m_routedPrompt = m_askedPrompt;
    }
    if (m_unsettled.erase(kind) > 0) {
        Q_EMIT errorSettled(failureTitle(kind));
    }
}

void LabController::onPassEnded(bool replaced) {
    if (has({Kind::Pass, Kind::Generate})) {
        return;
    }
    if (m_passWanted) {
        requestPass();
        return;
    }
    if (!replaced) {
        m_store.endComputing();
        Q_EMIT traceChanged();
    }
    if (m_main && !has({Kind::LoadMain})) {
        loadVanilla();
        requestReferences();
    }
}

// What the panels say of references that are not there.
void LabController::reportAwaited() {
    const bool before = has({Kind::LoadMain, Kind::Pass, Kind::Generate}) || m_passWanted;
    const bool comes = live() && m_main && (before || has({Kind::LoadVanilla}));
    const std::pair<bool, bool> now{
        live() && ((before && m_main && m_main->recursions > 1) || has({Kind::FullDepth})),
        (comes && m_vanillaEntry) || has({Kind::Vanilla})};
    const trace::Absence why = absence();
    if (now != m_awaited || why != m_absence) {
        m_awaited = now;
        m_absence = why;
        m_store.setAwaited(now.first, now.second);
        m_store.setAbsence(why);
        Q_EMIT traceChanged();
    }
}

trace::Absence LabController::absence() const {
    if (has({Kind::LoadMain})) {
        return trace::Absence::Loading;
    }
    if (m_prompt.text.empty() && m_prompt.ids.empty()) {
        return trace::Absence::NoText;
    }
    if (!m_main) {
        return trace::Absence::NoModel;
    }
    return refused() ? trace::Absence::Refused : trace::Absence::NoText;
}

} // namespace depthscope::panels
