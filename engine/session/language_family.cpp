// SPDX-License-Identifier: MIT
#include "engine/session/language_family.h"

#include "engine/base/text.h"
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
    settings::RoutingSettings routing;
    routing.maxDepth = model.config().isLooped() ? 1 : 0; // the others run the same weights
    pass.routing = spec::resolveRouting(model.config(), routing, spec::RoutingUse::Pass);
    model.run(pass);
}

/// A damaged one is told when text is asked for; ids need none.
void openTokenizer(LanguageSlot& slot, spec::ModelInfo& info, const std::filesystem::path& folder) {
    try {
        slot.tokenizer = tokenizers::loadTokenizer(folder);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) {
            throw;
        }
        slot.tokenizerError = error;
        info.notes.push_back(
            fmt::format("text input is not available, token ids are: {}", error.message()));
    }
    info.hasTokenizer = slot.tokenizer != nullptr;
}

} // namespace

std::shared_ptr<ModelSlot> loadLanguage(const Workspace& workspace,
                                        const std::filesystem::path& folder,
                                        const std::function<void(double)>& progress) {
    io::LoadedModel loaded = io::loadModel(
        folder, {workspace.dtype, workspace.device, progress, workspace.keepsLargeBfloat16});
    auto slot = std::make_shared<LanguageSlot>();
    openTokenizer(*slot, *loaded.info, folder);
    warmUp(*loaded.model, workspace.interactiveThreads);
    slot->model = std::move(loaded.model);
    slot->info = std::move(loaded.info);
    return slot;
}

std::unique_ptr<runtime::Job> passLanguage(Workspace& workspace,
                                           runtime::JobId id,
                                           const runtime::PassRequest& request,
                                           const runtime::Publish& publish) {
    return request.timedWith ? makePairJob(workspace, id, request, publish)
                             : makePassJob(workspace, id, request, publish);
}

} // namespace depthscope::session
