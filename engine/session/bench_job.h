// SPDX-License-Identifier: MIT
// A suite of measurements as a job: one case after another, so that it can be stopped between them.
// Engine thread.
#pragma once

#include "engine/runtime/event.h"
#include "engine/runtime/request.h"
#include "engine/runtime/session.h"
#include "engine/session/threads.h"
#include "engine/session/workspace.h"

#include <c10/core/GradMode.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace depthscope::session {

class BenchJob : public runtime::Job {
public:
    BenchJob(Workspace& workspace, runtime::JobId id, std::string suite, runtime::Publish publish)
        : m_workspace(workspace)
        , m_publish(std::move(publish)) {
        m_report.job = id;
        m_report.suite = std::move(suite);
        m_report.device = workspace.device.str();
        m_report.threads = workspace.interactiveThreads;
    }

    bool step() override {
        useThreads(m_workspace.interactiveThreads);
        const c10::NoGradGuard noGrad;
        if (m_next < m_cases.size()) {
            m_publish(runtime::JobProgress{
                m_report.job, static_cast<double>(m_next) / static_cast<double>(m_cases.size()), -1,
                "measuring"});
            m_cases[m_next++]();
            return true;
        }
        m_publish(m_report);
        return false;
    }

protected:
    /// Each adds its results to the report; set by the constructor of a suite.
    void setCases(std::vector<std::function<void()>> cases) { m_cases = std::move(cases); }

    [[nodiscard]] Workspace& workspace() { return m_workspace; }

    [[nodiscard]] runtime::BenchReport& report() { return m_report; }

private:
    Workspace& m_workspace;
    runtime::Publish m_publish;
    runtime::BenchReport m_report;
    std::vector<std::function<void()>> m_cases;
    std::size_t m_next = 0;
};

} // namespace depthscope::session
