// SPDX-License-Identifier: MIT
// What this machine allows: matrix rate and memory read bandwidth, measured in the same process and
// with the same threads as the figures that they stand beside.
#include "engine/session/jobs.h"
#include "engine/session/threads.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <functional>

namespace depthscope::session {

namespace {

using Clock = std::chrono::steady_clock;

/// The best of several rounds: other programs only ever make a round slower.
double bestSeconds(const std::function<void()>& work) {
    constexpr int kRounds = 7;
    double best = 1e9;
    for (int i = 0; i < kRounds; ++i) {
        const Clock::time_point start = Clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

class MachineBenchJob final : public Job {
public:
    MachineBenchJob(Workspace& workspace, JobId id, runtime::BenchRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    bool step() override {
        const c10::NoGradGuard noGrad;
        useThreads(m_workspace.interactiveThreads);
        runtime::BenchReport report;
        report.job = m_id;
        report.suite = m_request.suite;
        report.device = m_workspace.device.str();
        report.threads = m_workspace.interactiveThreads;
        constexpr std::int64_t kSide = 1024;
        const at::Tensor a =
            at::ones({kSide, kSide}, at::TensorOptions().device(m_workspace.device));
        const double matrix =
            bestSeconds([&] { static_cast<void>(at::mm(a, a)[0][0].item<float>()); });
        report.cases.push_back({"matrix rate f32", "GFLOP/s",
                                2.0 * kSide * kSide * kSide / matrix / 1e9, 0,
                                "1024 x 1024 product"});
        constexpr std::int64_t kFloats = 64 << 20;
        const at::Tensor memory =
            at::ones({kFloats}, at::TensorOptions().device(m_workspace.device));
        const double read = bestSeconds([&] { static_cast<void>(memory.sum().item<float>()); });
        report.cases.push_back({"memory read", "GB/s",
                                static_cast<double>(kFloats) * 4.0 / read / 1e9, 0,
                                "sum of 256 MiB"});
        m_publish(report);
        return false;
    }

private:
    Workspace& m_workspace;
    JobId m_id;
    runtime::BenchRequest m_request;
    Publish m_publish;
};

} // namespace

std::unique_ptr<Job> makeMachineBenchJob(Workspace& workspace,
                                         JobId id,
                                         runtime::BenchRequest request,
                                         Publish publish) {
    return std::make_unique<MachineBenchJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
