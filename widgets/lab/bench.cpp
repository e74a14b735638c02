// SPDX-License-Identifier: MIT
#include "widgets/lab/bench.h"

namespace depthscope::lab {

void Bench::requestPass() {
    m_wanted = true;
    if (!m_shell.live() || !m_shell.loadedModel() || m_shell.jobs().has({JobKind::LoadMain}) ||
        !m_shell.modelFollowsSettings()) {
        return;
    }
    m_shell.stopJobsOf({JobKind::Generate});
    if (m_shell.jobs().has({JobKind::Pass}) && m_passClock.elapsed() < letFinishMilliseconds()) {
        return;
    }
    submitPass();
}

void Bench::submitPass() {
    m_wanted = false;
    m_passClock.start();
    m_shell.stopJobsOf({JobKind::FullDepth, JobKind::Vanilla});
    m_shell.traces().beginComputing();
    m_shell.submit(JobKind::Pass, newPass());
    m_shell.traceHasChanged();
}

void Bench::passFailed() {
    m_refused = m_shell.revision();
    const trace::TraceView view = m_shell.traces().view();
    const bool ofThisModel = view.main && view.main->latest->model == m_shell.loadedModel();
    if (!ofThisModel || !isRouted()) {
        m_shell.traces().clear(); // the picture is another model's or input's
    }
}

void Bench::passSucceeded() {
    m_refused = 0;
    rememberRouted();
}

} // namespace depthscope::lab
