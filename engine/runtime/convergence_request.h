// SPDX-License-Identifier: MIT
// The request for what a model would answer after each recursion (trace/convergence.h), which costs
// a pass and a head for each of them. A plain value; any thread.
#pragma once

#include "engine/runtime/request_parts.h"
#include "engine/settings/routing.h"

namespace depthscope::runtime {

/// Of the main model; reported by ConvergenceReport.
struct ConvergenceRequest {
    Prompt prompt;
    settings::RoutingSettings routing;

    [[nodiscard]] Priority priority() const { return Priority::Reference; }

    [[nodiscard]] bool replaces(const ConvergenceRequest&) const { return true; }
};

} // namespace depthscope::runtime
