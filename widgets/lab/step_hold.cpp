// SPDX-License-Identifier: MIT
#include "widgets/lab/step_hold.h"

#include <utility>

namespace depthscope::lab {

namespace {

/// A main run that is over sooner is shown when it is.
constexpr qint64 kMomentMilliseconds = 250;

} // namespace

std::vector<trace::StepPtr> StepHold::add(const trace::StepPtr& step) {
    if (step->clip() == nullptr || step->key == trace::kTruthRun) {
        return {step};
    }
    std::vector<trace::StepPtr>& held = m_held[step->key];
    if (!held.empty() && held.front()->run != step->run) {
        held.clear(); // a newer run
    }
    const bool isMain = step->key == trace::kMainRun;
    if (isMain && step->step == 0) {
        m_since.start();
    }
    held.push_back(step);
    // Another run is compared when it is complete.
    return isMain && m_since.elapsed() >= kMomentMilliseconds ? std::exchange(held, {})
                                                              : std::vector<trace::StepPtr>();
}

std::vector<trace::StepPtr> StepHold::release(const trace::RunKey& key) {
    const auto held = m_held.extract(key);
    return held.empty() ? std::vector<trace::StepPtr>() : std::move(held.mapped());
}

} // namespace depthscope::lab
