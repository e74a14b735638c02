// SPDX-License-Identifier: MIT
#include "engine/spec/video_weights.h"

#include "engine/spec/video_declaration.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace depthscope::spec {

std::int64_t routerHidden(const RouterSpec& router, std::int64_t width) {
    switch (router.net) {
    case RouterNet::Linear:
        return 0;
    case RouterNet::Mlp:
        return 2 * width;
    case RouterNet::WideMlp:
        break;
    }
    return router.wideFactor * width;
}

std::vector<ParameterPart> plannedParameters(const VideoSpec& spec) {
    std::vector<ParameterPart> parts;
    VideoWeights<Undrawn> none = emptyVideoWeights<Undrawn>(spec);
    visitVideoWeights<Undrawn>(spec, none, [&](const WeightSlot& slot, Undrawn&) {
        if (slot.optional) {
            return;
        }
        const std::int64_t count = std::accumulate(slot.shape.begin(), slot.shape.end(),
                                                   std::int64_t{1}, std::multiplies<>());
        const auto found = std::ranges::find(parts, slot.part, &ParameterPart::name);
        if (found != parts.end()) {
            found->count += count;
        } else {
            const bool isShared = slot.part == "shared stack" && spec.recursions() > 1;
            parts.push_back({slot.part, count,
                             isShared ? "recursions 1-" + std::to_string(spec.recursions()) : ""});
        }
    });
    return parts;
}

} // namespace depthscope::spec
