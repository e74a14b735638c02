// SPDX-License-Identifier: MIT
// Lanes of texts that were generated together, for tests of recordings. Any thread.
#pragma once

#include "engine/trace/lanes.h"

#include <memory>

namespace depthscope::tests {

/// Three texts in batches of 4 at two recursions, compared with full depth.
[[nodiscard]] inline std::shared_ptr<trace::Lanes> someLanes() {
    using trace::LaneKind;
    auto lanes = std::make_shared<trace::Lanes>();
    lanes->model = "demo \u5b57";
    lanes->routing.rule = settings::Rule::Threshold;
    lanes->routing.tau = 0.375;
    lanes->batching = settings::Batching::Sequence;
    lanes->recursions = 2;
    lanes->rows = 4;
    lanes->texts = 3;
    lanes->tokens = 9;
    lanes->seconds = 1.25;
    lanes->spans = {{{LaneKind::Prompts, 0}, 0, 0.25, 0.25, 0.25, 1, 1, 1, 1},
                    {{LaneKind::Outside, 0}, 0.25, 0.25, 0.25, 0.25, 3, 3, 4, 1},
                    {{LaneKind::Recursion, 1}, 0.5, 0.25, 0.25, 0.125, 2, 4, 4, 1},
                    {{LaneKind::Recursion, 2}, 0.5, 0.5, 0.25, 0.125, 4, 8, 12, 3}};
    lanes->costs = {{1, 0.25}, {0, 0}, {0, 0}, {2, 0.125}};
    lanes->flops = 1e9;
    lanes->fullFlops = 1.5e9;
    lanes->fullSeconds = 2;
    lanes->fullTokens = 10;
    return lanes;
}

} // namespace depthscope::tests
