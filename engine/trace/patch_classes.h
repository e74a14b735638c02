// SPDX-License-Identifier: MIT
// What is known in advance of a patch of a procedural clip: the ground truth for depth. The numbers
// are stored in recordings: append, never renumber. Any thread.
#pragma once

#include "engine/trace/class_set.h"

#include <cstdint>

namespace depthscope::trace {

enum class PatchClass : std::uint8_t {
    Background, ///< no object in it
    Interior,   ///< filled by objects, and nothing changes
    Edge,       ///< an object's edge that stands still, or nearly
    Motion,     ///< objects come or go (data::kMotionChange)
};

inline constexpr std::size_t kPatchClasses = 4;

/// Their names, by number. Never null.
[[nodiscard]] const ClassSetPtr& patchClasses();

} // namespace depthscope::trace
