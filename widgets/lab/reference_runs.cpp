// SPDX-License-Identifier: MIT
#include "widgets/lab/reference_runs.h"

#include "widgets/lab/bench.h"

#include <utility>

namespace depthscope::lab {

void ReferenceRuns::setVanillaEntry(std::optional<ModelEntry> vanilla) {
    if (vanilla && vanilla->folder != m_tried) {
        m_vanilla.reset(); // another one is loaded in its place
    }
    m_entry = std::move(vanilla);
}

void ReferenceRuns::setVanilla(std::shared_ptr<const spec::ModelInfo> model) {
    m_vanilla = std::move(model);
    m_vanillaAsked = false;
}

void ReferenceRuns::forget() {
    m_asked.reset();
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
    m_asked.reset();
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
    const Bench& bench = m_shell.bench();
    if (!m_asked || !m_asked->sameContent(*main)) {
        m_asked = *main;
        m_vanillaAsked = false;
        if (!has(trace::kFullDepthRun, *main) && model->recursions > 1) {
            m_shell.submit(JobKind::FullDepth, bench.reference(trace::kFullDepthRun, *main));
        }
    }
    if (m_vanilla && !std::exchange(m_vanillaAsked, true) && !has(trace::kVanillaRun, *main)) {
        m_shell.submit(JobKind::Vanilla, bench.reference(trace::kVanillaRun, *main));
    }
    requestTimes(*main);
}

/// Once all is shown: times that can be compared, of the settings in force.
void ReferenceRuns::requestTimes(const trace::RunView& main) {
    const trace::StepTrace& shown = *main.latest;
    if (!has(trace::kFullDepthRun, main) || shown.revision != m_shell.revision() ||
        shown.revision == m_timedRevision ||
        m_shell.jobs().has({JobKind::FullDepth, JobKind::Vanilla})) {
        return;
    }
    m_timedRevision = shown.revision;
    if (auto request = m_shell.bench().timedReference(main)) {
        m_shell.submit(JobKind::FullDepth, std::move(*request));
    }
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
