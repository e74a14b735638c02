// SPDX-License-Identifier: MIT
#include "engine/trace/clip_run.h"

#include "engine/trace/statistics.h"

#include <algorithm>
#include <limits>

namespace depthscope::trace {

bool isClip(const RunView& run) {
    return run.latest->clip() != nullptr || (run.latest->model && run.latest->model->clip);
}

int patchFrames(const RunView& run) {
    const bool known = run.latest->model && run.latest->model->clip;
    return known ? std::max(1, run.latest->model->clip->patch.frames) : 1;
}

int givenFrames(const RunView& run) {
    const ClipContent* clip = run.latest->clip();
    return clip == nullptr
               ? 0
               : std::clamp(clip->contextFrames / patchFrames(run), 0, run.layout.frames);
}

std::size_t givenPlaces(const RunView& run) {
    const auto given = static_cast<std::size_t>(givenFrames(run)) *
                       static_cast<std::size_t>(run.layout.rows) *
                       static_cast<std::size_t>(run.layout.columns);
    return std::min(given, run.places());
}

double depthAuc(const RunView& run, PatchClass of) {
    if (!run.classSet || *run.classSet != *patchClasses()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::vector<std::int64_t> ofClass(256, 0), others(256, 0);
    for (std::size_t place = givenPlaces(run); place < run.places(); ++place) {
        if (run.classes[place] != kNoClass) {
            auto& counts = run.classes[place] == static_cast<std::uint8_t>(of) ? ofClass : others;
            ++counts[run.depth[place]];
        }
    }
    std::size_t depths = 0;
    for (std::size_t depth = 0; depth < ofClass.size(); ++depth) {
        depths += ofClass[depth] + others[depth] > 0 ? 1U : 0U;
    }
    return depths > 1 ? areaUnderCurve(ofClass, others) : std::numeric_limits<double>::quiet_NaN();
}

} // namespace depthscope::trace
