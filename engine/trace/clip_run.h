// SPDX-License-Identifier: MIT
// What a run of a video model has beside the routing of any grid: given and predicted frames, and
// whether its depth follows what the clip shows (docs/video_models.md). Its layout counts frames of
// patches, each of which spans some frames of the clip. Pure functions, any thread; frames count
// from 0.
#pragma once

#include "engine/trace/patch_classes.h"
#include "engine/trace/run_view.h"

#include <cstddef>
#include <vector>

namespace depthscope::trace {

/// The places are patches of a clip.
[[nodiscard]] bool isClip(const RunView& run);

/// Frames of the clip that a patch spans, at least 1.
[[nodiscard]] int patchFrames(const RunView& run);

/// Frames of patches that were given as context, 0 to all of the layout's.
[[nodiscard]] int givenFrames(const RunView& run);

/// Their patches, which are the first places: all later ones are predicted.
[[nodiscard]] std::size_t givenPlaces(const RunView& run);

/// Probability that a predicted patch of a class is deeper than one of another class, ties half;
/// 0.5: the depth says nothing of it. NaN where nothing is known to compare, or all depths are
/// equal.
[[nodiscard]] double depthAuc(const RunView& run, PatchClass of);

} // namespace depthscope::trace
