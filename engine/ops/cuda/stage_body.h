// SPDX-License-Identifier: MIT
// What changes from token to token, put where recorded launches read it. One block.
#pragma once

#include "engine/ops/cuda/block.h"

namespace depthscope::ops::cuda {

inline constexpr int kMostStaged = 3;

struct StageArgs {
    const std::uint16_t* from[kMostStaged] = {};
    std::uint16_t* to[kMostStaged] = {};
    std::int64_t halves[kMostStaged] = {}; ///< lengths, in units of two bytes
    std::int64_t* count = nullptr;         ///< receives `value`
    std::int64_t value = 0;
};

/// The kernel.
template <class Thread>
DEPTHSCOPE_DEVICE void stageBody(Thread& thread, const StageArgs& args) {
    for (int which = 0; which < kMostStaged; ++which) {
        for (std::int64_t i = thread.index(); i < args.halves[which]; i += thread.count()) {
            args.to[which][i] = args.from[which][i];
        }
    }
    if (thread.index() == 0) {
        *args.count = args.value;
    }
}

} // namespace depthscope::ops::cuda
