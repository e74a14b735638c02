// SPDX-License-Identifier: MIT
// Loads a model folder into a slot: its family reads and converts, then one switch of the slot.
#include "engine/base/text.h"
#include "engine/session/family.h"
#include "engine/session/jobs.h"
#include "engine/spec/model_type.h"

#include <algorithm>
#include <filesystem>
#include <string>

namespace depthscope::session {

namespace {

/// What cannot be told is left to the first family, whose reader names the fault.
const Family& familyOf(const Workspace& workspace, const std::filesystem::path& folder) {
    const std::string type = spec::modelTypeOf(folder);
    const auto found = std::ranges::find(workspace.families, type, &Family::modelType);
    if (found != workspace.families.end()) {
        return *found;
    }
    if (type.empty()) {
        return workspace.families.front();
    }
    throw Error(
        ErrorCode::BadInput,
        fmt::format("{}: unknown model_type \"{}\"", (folder / "config.json").string(), type),
        fmt::format("Valid values: {}.", listOf(workspace.families, &Family::modelType)));
}

class LoadJob final : public Job {
public:
    LoadJob(Workspace& workspace, JobId id, runtime::LoadRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    bool step() override {
        double reported = 0;
        const auto progress = [&](double fraction) {
            constexpr double kReportEvery = 0.05;
            if (fraction - reported >= kReportEvery) {
                reported = fraction;
                m_publish(runtime::JobProgress{m_id, fraction, -1, "reading weights"});
            }
        };
        const Family& family = familyOf(m_workspace, m_request.folder);
        const std::shared_ptr<ModelSlot> slot =
            family.load(m_workspace, m_request.folder, progress);
        slot->family = &family;
        m_workspace.slots.at(static_cast<std::size_t>(m_request.role)) = slot;
        m_workspace.snapshot.reset(); // both would keep the model before alive
        m_workspace.prompt.reset();
        m_publish(runtime::ModelLoaded{m_id, m_request.role, slot->info});
        return false;
    }

private:
    Workspace& m_workspace;
    JobId m_id;
    runtime::LoadRequest m_request;
    Publish m_publish;
};

} // namespace

std::unique_ptr<Job>
makeLoadJob(Workspace& workspace, JobId id, runtime::LoadRequest request, Publish publish) {
    return std::make_unique<LoadJob>(workspace, id, std::move(request), std::move(publish));
}

} // namespace depthscope::session
