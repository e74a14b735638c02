// SPDX-License-Identifier: MIT
// The beginning of a pass that routing settings cannot change: embedding, first layer and, where
// the first recursion keeps every token, that recursion; of a looped model all recursions. A
// dragged capacity or exit threshold starts from here. Owned by the workspace; engine thread.
#pragma once

#include "engine/generate/stage_clock.h"
#include "engine/models/language_model.h"
#include "engine/session/exit_losses.h"
#include "engine/session/prompt.h"
#include "engine/session/workspace.h"

#include <chrono>
#include <memory>

namespace depthscope::session {

/// State of a pass between two stages. Copies share tensors; what later stages change in place is
/// cloned.
struct PassSnapshot {
    std::shared_ptr<const LanguageSlot> slot;
    std::shared_ptr<const EncodedPrompt> prompt; ///< never null
    bool losses = false;
    models::Pass pass;
    nn::KvCache cache{0};
    std::shared_ptr<ExitLosses> exitLosses; ///< of a looped model; null: one token alone
    std::chrono::steady_clock::duration
        elapsed{};               ///< what computing it took; counted again where it is reused
    generate::StageClock stages; ///< the same by parts
};

/// The stage after which a pass of this model and routing may be remembered; 0: never.
[[nodiscard]] int snapshotStage(const models::LanguageModel& model,
                                const spec::ResolvedRouting& routing,
                                std::int64_t tokens);

} // namespace depthscope::session
