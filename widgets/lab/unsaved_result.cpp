// SPDX-License-Identifier: MIT
#include "widgets/lab/unsaved_result.h"

#include "widgets/lab/lab_controller.h"

namespace depthscope::lab {

std::optional<double> unsavedSeconds(const LabController& lab) {
    const trace::RunView* run = lab.live() ? lab.store().newest(trace::kMainRun) : nullptr;
    // Of an earlier revision it is about to be replaced.
    if (run == nullptr || run->latest == lab.recordings().savedStep() ||
        run->latest->revision != lab.revision()) {
        return std::nullopt;
    }
    const double seconds = run->totalCost().milliseconds / 1000;
    const bool isGenerated = run->latest->kind != trace::StepKind::Pass;
    const bool isSampled = run->latest->clip() != nullptr && seconds >= kDearSeconds;
    return isGenerated || isSampled ? std::optional(seconds) : std::nullopt;
}

} // namespace depthscope::lab
