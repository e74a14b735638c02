// SPDX-License-Identifier: MIT
// What a run of a video model has beside the routing of any grid: given and predicted frames, and
// whether its depth follows what the clip shows (docs/video_models.md). Its layout counts frames of
// patches, each of which spans some frames of the clip. Pure functions, any thread; frames count
// from 0.
#pragma once

#include "engine/trace/patch_classes.h"
#include "engine/trace/trace_store.h"

#include <cstddef>
#include <span>
#include <vector>

namespace depthscope::trace {

/// The places are patches of a clip.
[[nodiscard]] bool isClip(const RunView& run);

/// Frames of the clip that a patch spans, at least 1.
[[nodiscard]] int patchFrames(const RunView& run);

/// Frames of patches that were given as context, 0 to all of the layout's; without pictures as many
/// as the model was trained to continue.
[[nodiscard]] int givenFrames(const RunView& run);

/// First and last frame of the clip that a frame of patches spans.
struct FrameSpan {
    int first = 0;
    int last = 0;
};

[[nodiscard]] FrameSpan framesOf(const RunView& run, int frame);

/// How many of the run's places, its first ones, are their patches: the others are predicted.
[[nodiscard]] std::size_t givenPlaces(const RunView& run);

/// Probability that a predicted patch of a class is deeper than one of another class, ties half;
/// 0.5: the depth says nothing of it. NaN where nothing is known to compare, or all depths are
/// equal.
[[nodiscard]] double depthAuc(const RunView& run, PatchClass of);

/// Places [begin, end) as a run of their own; they keep their places. Of the two sides of a clip,
/// which are routed apart, each is one. `end` is at most places().
[[nodiscard]] RunView partOf(const RunView& run, std::size_t begin, std::size_t end);

/// What is predicted; all of it where nothing was given or everything.
[[nodiscard]] RunView predictedPart(const RunView& run);

/// The steps of a main run that denoises: each has a noise level and visits every place; none where
/// there are fewer than two.
[[nodiscard]] std::span<const StepPtr> denoisingSteps(const TraceView& view);

/// Mean depth of the patches of each frame of a step that visits every place. [layout.frames]
[[nodiscard]] std::vector<double> depthByFrame(const RoutingStep& step);

/// Shares of the choices that the places from `from` on made. [E]; zeros where they made none.
[[nodiscard]] std::vector<double> expertShares(const ExpertChoices& choices, std::size_t from);

} // namespace depthscope::trace
