// SPDX-License-Identifier: MIT
// A denoising step of a video model as a trace: the routing of every patch of a clip, context and
// target side together. Engine thread.
#pragma once

#include "engine/models/video_model.h"
#include "engine/trace/routing_step.h"

#include <cstdint>

namespace depthscope::session {

/// What a denoising step computed.
struct DenoisingStep {
    const models::SidePass* context = nullptr; ///< null: no context
    const models::SidePass& target;
    std::int64_t contextBytes = 0; ///< of the context's keys and values
    double noiseLevel = 0;         ///< t
    bool madeContext = false;      ///< the context was computed in this step
};

/// Of clip `clip` of the batch: layout, depth, scores, experts, keys of the context by recursion,
/// FLOPs against full depth. The time is the caller's.
[[nodiscard]] trace::RoutingStep
routingOf(const spec::VideoSpec& spec, const DenoisingStep& step, std::int64_t clip);

} // namespace depthscope::session
