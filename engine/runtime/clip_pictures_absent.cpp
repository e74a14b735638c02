// SPDX-License-Identifier: MIT
// A program built without video (DEPTHSCOPE_MEDIA=OFF) keeps routing, but no pictures.
#include "engine/runtime/clip_pictures.h"

#include <memory>

namespace depthscope::runtime {

trace::StepPtr packed(const trace::StepPtr& step) {
    const trace::ClipContent* clip = step->clip();
    if (clip == nullptr || clip->pictures.empty()) {
        return step;
    }
    auto changed = std::make_shared<trace::StepTrace>(*step);
    std::get<trace::ClipContent>(changed->content).pictures.clear();
    return changed;
}

trace::StepPtr unpacked(const trace::StepPtr& step) {
    return step;
}

std::vector<trace::StepPtr> packed(const std::vector<trace::StepPtr>& steps) {
    std::vector<trace::StepPtr> all;
    all.reserve(steps.size());
    for (const trace::StepPtr& step : steps) {
        all.push_back(packed(step));
    }
    return all;
}

} // namespace depthscope::runtime
