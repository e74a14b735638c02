// SPDX-License-Identifier: MIT
// Loads a model folder into a slot: read and convert, then tokenizer, a pass that nobody sees, then
// one switch of the slot.
#include "engine/io/model_folder.h"
#include "engine/session/jobs.h"
#include "engine/session/threads.h"

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace depthscope::session {

namespace {

/// The first pass pays for code and memory that the process touches for the first time, often more
/// than for the model itself. No measured time shall hold that.
void warmUp(const models::LanguageModel& model, int threads) {
    constexpr std::int64_t kTokens = 16;
    const c10::NoGradGuard noGrad;
    useThreads(threads);
    models::Pass pass;
    pass.ids = at::zeros({1, std::min(kTokens, model.config().context)},
                         at::TensorOptions(at::kLong).device(model.device()));
    pass.routing = models::resolveRouting(model.config(), {}, models::RoutingUse::Pass);
    model.run(pass);
}

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
        openTokenizer(*slot, *loaded.info);
        warmUp(*loaded.model, m_workspace.interactiveThreads);
        slot->model = std::move(loaded.model);
        slot->info = std::move(loaded.info);
        m_workspace.slots.at(static_cast<std::size_t>(m_request.slot)) = slot;
        m_workspace.snapshot.reset(); // both would keep the model before alive
        m_workspace.prompt.reset();
        m_publish(runtime::ModelLoaded{m_id, m_request.slot, slot->info});
        return false;
    }

private:
    /// A damaged one is told when text is asked for; ids need none.
    void openTokenizer(ModelSlot& slot, trace::ModelInfo& info) const {
        try {
            slot.tokenizer = tokenizers::loadTokenizer(m_request.folder);
        } catch (const Error& fault) {
            if (fault.code() != ErrorCode::BadInput) {
                throw;
            }
            slot.tokenizerFault = fault;
            info.notes.push_back("text cannot be read, token ids can: " + fault.message());
        }
        info.hasTokenizer = slot.tokenizer != nullptr;
    }

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
