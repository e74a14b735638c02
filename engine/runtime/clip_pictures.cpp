// SPDX-License-Identifier: MIT
#include "engine/runtime/clip_pictures.h"

#include "engine/media/clip_packets.h"

#include <memory>

namespace depthscope::runtime {

trace::StepPtr packed(const trace::StepPtr& step) {
    const trace::ClipContent* clip = step->clip();
    if (clip == nullptr || clip->pictures.empty() || !clip->packets.empty()) {
        return step;
    }
    auto changed = std::make_shared<trace::StepTrace>(*step);
    media::packPictures(std::get<trace::ClipContent>(changed->content));
    return changed;
}

trace::StepPtr unpacked(const trace::StepPtr& step) {
    const trace::ClipContent* clip = step->clip();
    if (clip == nullptr || clip->packets.empty() || !clip->pictures.empty()) {
        return step;
    }
    auto changed = std::make_shared<trace::StepTrace>(*step);
    media::unpackPictures(std::get<trace::ClipContent>(changed->content));
    return changed;
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
