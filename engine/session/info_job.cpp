// SPDX-License-Identifier: MIT
// What this engine is made of: versions, devices, kernels.
#include "engine/base/text.h"
#include "engine/ops/cpu/kernels.h"
#include "engine/session/jobs.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <torch/headeronly/version.h>

namespace depthscope::session {

namespace {

class InfoJob final : public Job {
public:
    InfoJob(Workspace& workspace, JobId id, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_publish(std::move(publish)) {}

    bool step() override {
        runtime::InfoReport report;
        report.job = m_id;
        report.versions = {{"libtorch", TORCH_VERSION}, {"cpu", at::get_cpu_capability()}};
        report.devices.emplace_back("cpu");
        if (at::hasCUDA()) {
            for (int i = 0; i < static_cast<int>(at::detail::getCUDAHooks().deviceCount()); ++i) {
                report.devices.push_back("cuda:" + std::to_string(i));
            }
        }
        report.kernels.push_back(fmt::format("cpu ({})", ops::cpu::kernels().name));
        if (m_workspace.device.is_cuda()) {
            report.kernels.emplace_back("cuda (depthscope plug-in)");
            report.kernels.emplace_back(
                "cuda graphs: a decoded token's layers, of Llama, of MoR with a cache for each "
                "recursion, and of MORE; other models and KV policies run layer by layer");
        } else {
            report.kernels.emplace_back(fmt::format("cuda: none ({})", m_workspace.whyNoCuda));
        }
        m_publish(std::move(report));
        return false;
    }

private:
    Workspace& m_workspace;
    JobId m_id;
    Publish m_publish;
};

} // namespace

std::unique_ptr<Job> makeInfoJob(Workspace& workspace, JobId id, Publish publish) {
    return std::make_unique<InfoJob>(workspace, id, std::move(publish));
}

} // namespace depthscope::session
