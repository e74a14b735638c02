// SPDX-License-Identifier: MIT
#include "engine/trace/clip_run.h"

#include "engine/trace/statistics.h"

#include <algorithm>
#include <cmath>
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
    const bool known = run.latest->model && run.latest->model->clip;
    const int frames = clip != nullptr ? clip->contextFrames
                       : known         ? run.latest->model->clip->contextFrames
                                       : 0;
    return std::clamp(frames / patchFrames(run), 0, run.layout.frames);
}

FrameSpan framesOf(const RunView& run, int frame) {
    const int length = patchFrames(run);
    return {frame * length, frame * length + length - 1};
}

std::size_t givenPlaces(const RunView& run) {
    const std::int64_t given =
        std::int64_t{givenFrames(run)} * run.layout.rows * run.layout.columns - run.firstPlace;
    return std::min(static_cast<std::size_t>(std::max<std::int64_t>(given, 0)), run.places());
}

RunView partOf(const RunView& run, std::size_t begin, std::size_t end) {
    const auto cut = [&](auto& values, const auto& from) {
        const std::size_t last = std::min(end, from.size());
        values.assign(from.begin() + static_cast<std::ptrdiff_t>(std::min(begin, last)),
                      from.begin() + static_cast<std::ptrdiff_t>(last));
    };
    RunView part;
    part.latest = run.latest;
    part.layout = run.layout;
    part.firstPlace = run.firstPlace + static_cast<std::int32_t>(begin);
    part.promptPlaces = end - begin;
    part.classSet = run.classSet;
    part.costs = run.costs;
    cut(part.depth, run.depth);
    cut(part.classes, run.classes);
    cut(part.nll, run.nll);
    cut(part.ids, run.ids);
    cut(part.pieces, run.pieces);
    for (const std::vector<float>& row : run.scores) {
        cut(part.scores.emplace_back(), row);
    }
    for (const ExpertChoices& choices : run.experts) {
        ExpertChoices& cutChoices = part.experts.emplace_back();
        cutChoices.layer = choices.layer;
        cutChoices.experts = choices.experts;
        for (std::size_t place = begin; place < std::min(end, choices.places()); ++place) {
            const auto index = choices.indexOf(place);
            const auto weight = choices.weightOf(place);
            cutChoices.index.insert(cutChoices.index.end(), index.begin(), index.end());
            cutChoices.weight.insert(cutChoices.weight.end(), weight.begin(), weight.end());
            cutChoices.endPlace();
        }
    }
    return part;
}

RunView predictedPart(const RunView& run) {
    const std::size_t given = givenPlaces(run);
    return partOf(run, given < run.places() ? given : 0, run.places());
}

std::span<const StepPtr> denoisingSteps(const TraceView& view) {
    const auto denoises = [](const StepPtr& step) {
        const RoutingStep& routing = step->routing;
        return !std::isnan(routing.noiseLevel) && routing.firstPlace == 0 &&
               static_cast<std::int64_t>(routing.places()) == routing.layout.places();
    };
    const bool all = view.mainSteps.size() > 1 && std::ranges::all_of(view.mainSteps, denoises);
    return all ? view.mainSteps : std::span<const StepPtr>();
}

std::vector<double> depthByFrame(const RoutingStep& step) {
    const auto frames = static_cast<std::size_t>(std::max(step.layout.frames, 1));
    const std::size_t places = step.places() / frames;
    std::vector<double> means(frames, 0);
    for (std::size_t place = 0; place < frames * places; ++place) {
        means[place / places] += step.depth[place] / static_cast<double>(places);
    }
    return means;
}

std::vector<double> expertShares(const ExpertChoices& choices, std::size_t from) {
    std::vector<double> shares(static_cast<std::size_t>(std::max(choices.experts, 0)), 0);
    double all = 0;
    for (std::size_t i = choices.offsets[std::min(from, choices.places())];
         i < choices.index.size(); ++i) {
        if (choices.index[i] < shares.size()) {
            shares[choices.index[i]] += 1;
            all += 1;
        }
    }
    for (double& share : shares) {
        share /= std::max(all, 1.0);
    }
    return shares;
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
