// SPDX-License-Identifier: MIT
#include "widgets/lab/reference_runs.h"

#include "widgets/lab/rules.h"

#include <utility>

namespace depthscope::lab {

void ReferenceRuns::setVanilla(std::shared_ptr<const spec::ModelInfo> model) {
    m_vanilla = std::move(model);
    m_askedIds.clear();
}

void ReferenceRuns::forget() {
    m_askedIds.clear();
    m_timedRevision = 0;
}

void ReferenceRuns::drop() {
    trace::TraceStore& traces = m_shell.traces();
    const std::vector<trace::StepPtr> steps = traces.steps();
    traces.clear();
    for (const trace::StepPtr& step : steps) {
        if (step->key == trace::kMainRun) {
            traces.add(step);
        }
    }
    m_askedIds.clear();
}

void ReferenceRuns::request() {
    loadVanilla();
    requestRuns();
}

void ReferenceRuns::loadVanilla() {
    if (!m_entry) {
        m_vanilla.reset();
        m_tried.clear();
    } else if (m_tried != m_entry->folder) {
        m_tried = m_entry->folder;
        m_shell.submit(JobKind::LoadVanilla,
                       runtime::LoadRequest{m_tried.toStdString(), runtime::ModelRole::Vanilla});
    }
}

bool ReferenceRuns::has(const trace::RunKey& key, const trace::RunView& main) const {
    const trace::RunView* run = m_shell.traces().newest(key);
    return run != nullptr && run->sameContent(main);
}

void ReferenceRuns::requestRuns() {
    const trace::RunView* main = m_shell.traces().newest(trace::kMainRun);
    const auto& model = m_shell.loadedModel();
    if (!m_shell.live() || main == nullptr || main->latest->model != model) {
        return;
    }
    if (main->ids != m_askedIds) {
        m_askedIds = main->ids;
        runtime::PassRequest request;
        request.prompt.ids = main->ids;
        request.revision = main->latest->revision;
        if (!has(trace::kFullDepthRun, *main) && model->recursions > 1) {
            request.run = trace::kFullDepthRun;
            request.routing.rule = settings::Rule::Fixed;
            m_shell.submit(JobKind::FullDepth, request);
        }
        if (!has(trace::kVanillaRun, *main) && m_vanilla) {
            request.run = trace::kVanillaRun;
            request.role = runtime::ModelRole::Vanilla;
            request.routing.rule = settings::Rule::Model;
            m_shell.submit(JobKind::Vanilla, request);
        }
    }
    requestTimes(*main);
}

/// Once all is shown: times that can be compared, of the settings in force.
void ReferenceRuns::requestTimes(const trace::RunView& main) {
    const trace::StepTrace& shown = *main.latest;
    if (!has(trace::kFullDepthRun, main) || shown.kind != trace::StepKind::Pass ||
        shown.revision != m_shell.revision() || shown.revision == m_timedRevision ||
        m_shell.jobs().has({JobKind::FullDepth, JobKind::Vanilla})) {
        return;
    }
    m_timedRevision = shown.revision;
    runtime::PassRequest request;
    request.prompt.ids = main.ids;
    request.revision = shown.revision;
    request.run = trace::kFullDepthRun;
    request.routing.rule = settings::Rule::Fixed;
    request.timedWith = effectiveRouting(*m_shell.loadedModel(), m_shell.settings().routing);
    m_shell.submit(JobKind::FullDepth, std::move(request));
}

std::set<trace::RunKey> ReferenceRuns::awaited(bool mainComes) const {
    const auto& model = m_shell.loadedModel();
    const JobBook& jobs = m_shell.jobs();
    std::set<trace::RunKey> keys;
    const bool live = m_shell.live();
    if (live && ((mainComes && model && model->recursions > 1) || jobs.has({JobKind::FullDepth}))) {
        keys.insert(trace::kFullDepthRun);
    }
    const bool vanillaComes = live && model && (mainComes || jobs.has({JobKind::LoadVanilla}));
    if ((vanillaComes && m_entry) || jobs.has({JobKind::Vanilla})) {
        keys.insert(trace::kVanillaRun);
    }
    return keys;
}

} // namespace depthscope::lab
