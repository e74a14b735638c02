// SPDX-License-Identifier: MIT
#include "engine/generate/stage_clock.h"

#include <chrono>

namespace depthscope::generate {

namespace {

using Clock = std::chrono::steady_clock;

/// The recursion, from 1, that the stage ahead is; 0: another part, or several recursions at once.
int recursionOf(const models::LanguageModel& model, const models::Pass& pass) {
    const spec::LanguageSpec& config = model.config();
    const int recursion = pass.stage - model.firstRecursion() + 1;
    const bool isOne = config.sharesLayers() && !config.refinesState() &&
                       !spec::isSequence(config.recursion.sharing);
    return isOne && recursion >= 1 && recursion <= pass.routing.depth ? recursion : 0;
}

} // namespace

void StageClock::runStage(const models::LanguageModel& model, models::Pass& pass) {
    const int recursion = recursionOf(model, pass);
    const Clock::time_point start = Clock::now();
    model.runStage(pass);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (m_times.empty() || m_times.back().recursion != recursion) {
        m_times.push_back({recursion, 0});
    }
    m_times.back().seconds += seconds;
}

} // namespace depthscope::generate
