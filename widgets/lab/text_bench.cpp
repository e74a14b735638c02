// SPDX-License-Identifier: MIT
#include "widgets/lab/text_bench.h"

#include "widgets/lab/rules.h"

#include <utility>

namespace depthscope::lab {

namespace {

/// A pass younger than this is let finish when a newer value arrives: while a slider moves without
/// pause, always cancelling would show nothing until it rests.
constexpr qint64 kLetFinishMilliseconds = 40;

} // namespace

void TextBench::requestPass() {
    m_wanted = true;
    if (!m_shell.live() || !m_shell.loadedModel() || m_shell.jobs().has({JobKind::LoadMain}) ||
        !m_shell.modelFollowsSettings()) {
        return;
    }
    m_shell.stopJobsOf({JobKind::Generate});
    if (m_shell.jobs().has({JobKind::Pass}) && m_passClock.elapsed() < kLetFinishMilliseconds) {
        return;
    }
    submitPass();
}

void TextBench::submitPass() {
    m_wanted = false;
    m_askedPrompt = m_prompt;
    m_passClock.start();
    m_shell.stopJobsOf({JobKind::FullDepth, JobKind::Vanilla});
    m_shell.traces().beginComputing();
    runtime::PassRequest request;
    request.prompt = m_prompt;
    request.routing = effectiveRouting(*m_shell.loadedModel(), m_shell.settings().routing);
    request.revision = m_shell.revision();
    m_shell.submit(JobKind::Pass, std::move(request));
    m_shell.traceHasChanged();
}

void TextBench::generate() {
    m_shell.traces().beginComputing();
    runtime::GenerateRequest request;
    request.prompt = m_prompt;
    request.routing = causalRouting(*m_shell.loadedModel(), m_shell.settings().routing);
    request.generation = m_shell.settings().generation;
    request.revision = m_shell.revision();
    m_shell.submit(JobKind::Generate, std::move(request));
    m_shell.traceHasChanged();
}

void TextBench::passFailed() {
    m_refused = m_shell.revision();
    const trace::TraceView view = m_shell.traces().view();
    const bool ofThisModel = view.main && view.main->latest->model == m_shell.loadedModel();
    if (!ofThisModel || m_prompt != m_routedPrompt) {
        m_shell.traces().clear(); // the picture is another model's or text's
    }
}

void TextBench::passSucceeded() {
    m_refused = 0;
    m_routedPrompt = m_askedPrompt;
}

} // namespace depthscope::lab
