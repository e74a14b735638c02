// SPDX-License-Identifier: MIT
#include "widgets/lab/convergence_demand.h"

namespace depthscope::lab {

void ConvergenceDemand::setWanted(bool wanted) {
    m_wanted = wanted;
    m_asked = {};
    if (!wanted) {
        m_shell.stopJobsOf({JobKind::Convergence});
    }
}

bool ConvergenceDemand::isThere(const trace::RunView& main) const {
    const trace::ConvergencePtr& held = m_shell.traces().convergence();
    return held && held->isOf(main) && held->settings == main.latest->settings;
}

void ConvergenceDemand::follow() {
    const trace::RunView* main = m_shell.traces().newest(trace::kMainRun);
    const trace::ConvergencePtr held = m_shell.traces().convergence();
    if (main != nullptr && held && !isThere(*main) && trace::differsInExitAlone(*held, *main)) {
        m_shell.traces().setConvergence(trace::underExitOf(*held, *main));
    }
}

void ConvergenceDemand::request() {
    const trace::RunView* main = m_shell.traces().newest(trace::kMainRun);
    const auto& model = m_shell.loadedModel();
    if (!m_wanted || !m_shell.live() || main == nullptr || main->latest->model != model ||
        !main->isText() || !trace::hasConvergence(*model)) {
        return;
    }
    const std::pair run(main->latest->run, main->places());
    if (run == m_asked || isThere(*main)) {
        return;
    }
    m_asked = run;
    runtime::ConvergenceRequest request;
    request.prompt.ids = main->ids;
    request.routing = main->latest->settings; // resolved: of a generation its own rule
    if (!settings::ranksTokens(request.routing.rule) || model->router != spec::RouterKind::Expert) {
        request.routing.capacity.clear(); // has no effect, and is refused
    }
    m_shell.submit(JobKind::Convergence, std::move(request));
}

} // namespace depthscope::lab
