// SPDX-License-Identifier: MIT
#include "engine/trace/trace_store.h"

#include <algorithm>

namespace depthscope::trace {

const RunView* TraceView::other(std::string_view key) const {
    const auto found = std::find_if(others.begin(), others.end(),
                                    [&](const auto& run) { return run.first == key; });
    return found == others.end() ? nullptr : found->second;
}

void TraceStore::add(const StepPtr& step) {
    Held& held = m_runs[step->key];
    // A first step begins a run even where its number is taken: recordings and engines both count
    // from 1.
    if (!held.view || held.view->latest->run != step->run || step->step == 0) {
        held = Held{std::make_shared<RunView>(), {}};
        if (step->key == kMainRun) {
            m_lookedAt.clear();
        }
    } else if (held.view.use_count() > 1) {
        held.view = std::make_shared<RunView>(*held.view); // the ghost stays as it was
    }
    held.view->add(step);
    held.steps.push_back(step);
    if (step->key == kMainRun) {
        endComputing();
    }
}

void TraceStore::clear() {
    m_runs.clear();
    m_lookedAt.clear();
    endComputing();
}

const TraceStore::Held* TraceStore::main() const {
    const auto found = m_runs.find(kMainRun);
    return found == m_runs.end() ? nullptr : &found->second;
}

void TraceStore::beginComputing() {
    if (const Held* held = main()) {
        m_previous = held->view;
    }
    m_computing = true;
}

void TraceStore::endComputing() {
    m_computing = false;
    m_previous.reset();
}

void TraceStore::lookAt(std::optional<std::uint32_t> step) {
    m_lookedAt.clear();
    const Held* looked = main();
    if (!step || looked == nullptr || *step >= looked->steps.back()->step) {
        return;
    }
    const std::size_t steps = looked->steps.size();
    const std::size_t count = std::min<std::size_t>(
        steps, *step < looked->steps.front()->step ? 1 : *step - looked->steps.front()->step + 1);
    for (const auto& [key, held] : m_runs) {
        for (std::size_t i = 0; held.steps.size() == steps && i < count; ++i) {
            m_lookedAt[key].add(held.steps[i]);
        }
    }
}

const RunView& TraceStore::shown(const RunKey& key, const Held& held) const {
    const auto found = m_lookedAt.find(key);
    return found == m_lookedAt.end() ? *held.view : found->second;
}

const RunView* TraceStore::newest(const RunKey& key) const {
    const auto found = m_runs.find(key);
    return found == m_runs.end() ? nullptr : found->second.view.get();
}

TraceView TraceStore::view() const {
    TraceView view;
    view.source = m_source;
    view.emptyReason = m_emptyReason;
    view.computing = m_computing;
    view.awaited = m_awaited;
    view.training = m_training.preset.empty() ? nullptr : &m_training;
    view.clip = m_clip.get();
    view.convergenceComes = m_convergenceComes;
    view.previous = m_previous.get();
    view.lanes = m_lanes.get();
    const Held* held = main();
    if (held == nullptr) {
        return view;
    }
    view.main = &shown(kMainRun, *held);
    view.firstStep = held->steps.front()->step;
    view.stepsOfMain = static_cast<std::uint32_t>(held->steps.size());
    view.mainSteps = held->steps;
    if (m_convergence && m_convergence->isOf(*view.main)) {
        view.convergence = m_convergence.get();
    }
    for (const auto& [key, other] : m_runs) {
        const RunView& run = shown(key, other);
        if (key != kMainRun && run.sameContent(*view.main)) {
            view.others.emplace_back(key, &run);
        }
    }
    return view;
}

std::vector<StepPtr> TraceStore::steps() const {
    std::vector<StepPtr> all;
    if (const Held* held = main()) {
        all = held->steps;
    }
    for (const auto& [key, held] : m_runs) {
        if (key != kMainRun) {
            all.insert(all.end(), held.steps.begin(), held.steps.end());
        }
    }
    return all;
}

} // namespace depthscope::trace
