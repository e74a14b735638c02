// SPDX-License-Identifier: MIT
// What recordings and the command line call a batching. Any thread.
#pragma once

#include "engine/base/names.h"
#include "engine/settings/batch.h"

namespace depthscope::settings {

inline constexpr NameTable kBatchingNames{std::array<std::pair<Batching, const char*>, 2>{
    {{Batching::Depth, "depth"}, {Batching::Sequence, "sequence"}}}};

} // namespace depthscope::settings
