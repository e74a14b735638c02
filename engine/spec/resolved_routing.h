// SPDX-License-Identifier: MIT
// Routing settings resolved for a model: what is actually used. A value; any thread.
#pragma once

#include "engine/settings/routing.h"

#include <cstdint>

namespace depthscope::spec {

struct ResolvedRouting {
    settings::RoutingSettings
        settings;  ///< rule never Model; capacity has R entries where it matters
    int depth = 1; ///< recursions run at most
    bool causal = true;
    bool offDistribution = false;
    std::uint64_t seed = 0; ///< of the random rule
};

} // namespace depthscope::spec
