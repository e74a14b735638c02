// SPDX-License-Identifier: MIT
// Denoising steps on their way to the screen. A run that is over in a moment is shown as a whole:
// its noisy beginning would flash at every tick of a slider. A longer one is shown as it goes. A
// value; GUI thread.
#pragma once

#include "engine/trace/step_trace.h"

#include <QElapsedTimer>
#include <map>
#include <vector>

namespace depthscope::lab {

class StepHold {
public:
    /// The steps to show now, this one among them or not. Steps without pictures are never held.
    [[nodiscard]] std::vector<trace::StepPtr> add(const trace::StepPtr& step);

    /// The run has ended: what is held of it.
    [[nodiscard]] std::vector<trace::StepPtr> release(const trace::RunKey& key);

    /// The run was stopped: what is held of it is not shown.
    void drop(const trace::RunKey& key) { m_held.erase(key); }

private:
    std::map<trace::RunKey, std::vector<trace::StepPtr>> m_held;
    QElapsedTimer m_since; ///< the first step of the main run
};

} // namespace depthscope::lab
