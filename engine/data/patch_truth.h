// SPDX-License-Identifier: MIT
// Which patches of a clip hold background, an object's interior, its edge, or motion: from the
// cover of its pixels alone. Patches count by frames, then rows, then columns, as trace::Layout
// does. Pure functions; any thread.
#pragma once

#include "engine/data/clip.h"
#include "engine/trace/layout.h"
#include "engine/trace/patch_classes.h"

#include <cstdint>
#include <vector>

namespace depthscope::data {

/// Frames, rows and columns of a patch, and of the video model's tokens.
struct PatchShape {
    std::int32_t frames = 2;
    std::int32_t height = 4;
    std::int32_t width = 4;

    [[nodiscard]] bool operator==(const PatchShape&) const = default;
};

/// A patch whose cover changes by more than this is in motion.
inline constexpr double kMotionChange = 0.03;

/// Patches of a clip. Throws Error{Usage} where the patch does not divide it.
[[nodiscard]] trace::Layout patchLayout(const spec::ClipSize& size, const PatchShape& patch);

/// [N] mean over a patch's pixels and frames of |cover - cover one frame before|, 0..1. The clip's
/// first frame has none before it and does not count, unless a patch has no other: then the change
/// to the second frame stands for it.
[[nodiscard]] std::vector<float> patchChange(const Clip& clip, const PatchShape& patch);

/// [N] trace::PatchClass. Empty where the clip's cover is not known.
[[nodiscard]] std::vector<std::uint8_t> patchClassesOf(const Clip& clip, const PatchShape& patch);

} // namespace depthscope::data
