// SPDX-License-Identifier: MIT
#include "engine/session/pass_snapshot.h"

namespace depthscope::session {

int snapshotStage(const models::LanguageModel& model,
                  const spec::ResolvedRouting& routing,
                  std::int64_t tokens) {
    const spec::LanguageSpec& config = model.config();
    if (!model.device().is_cpu()) {
        return 0; // its time would be unknown: a GPU is still at work when the stage returns
    }
    if (config.isLooped()) { // as published every exit chooses among the same recursions
        return routing.settings.exitStops() || !config.hasExitGate() ? 0 : model.stages() - 1;
    }
    if (!config.hasRouter() || config.mor.type != spec::RouterType::Expert) {
        return 0;
    }
    if (settings::ranksTokens(routing.settings.rule) &&
        routing.settings.capacity.front().of(tokens) < tokens) {
        return 0;
    }
    return 2 + static_cast<int>(model.weights().before.size());
}

} // namespace depthscope::session
