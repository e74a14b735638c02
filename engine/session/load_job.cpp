// SPDX-License-Identifier: MIT
// Loads a model folder into a slot: read and convert, then tokenizer, then one switch of the slot.
#include "engine/io/model_folder.h"
#include "engine/session/jobs.h"

namespace depthscope::session {

namespace {

class LoadJob final : public Job {
public:
    LoadJob(Workspace& workspace, JobId id, runtime::LoadRequest request, Publish publish)
        : m_workspace(workspace)
        , m_id(id)
        , m_request(std::move(request))
        , m_publish(std::move(publish)) {}

    bool step() override {
        io::LoadOptions options;
        options.dtype = m_workspace.dtype;
        options.device = m_workspace.device;
        double told = 0;
        options.progress = [&](double fraction) {
            constexpr double kTellEvery = 0.05;
            if (fraction - told >= kTellEvery) {
                told = fraction;
                m_publish(runtime::JobProgress{m_id, fraction, -1, "reading weights"});
            }
        };
        io::LoadedModel loaded = io::loadModel(m_request.folder, options);
        auto slot = std::make_shared<ModelSlot>();
        slot->tokenizer = data::loadTokenizer(m_request.folder);
        loaded.info->hasTokenizer = slot->tokenizer != nullptr;
        slot->model = std::move(loaded.model);
        slot->info = std::move(loaded.info);
        m_workspace.slots.at(static_cast<std::size_t>(m_request.slot)) = slot;
        m_publish(runtime::ModelLoaded{m_request.slot, slot->info});
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
