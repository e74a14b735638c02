// SPDX-License-Identifier: MIT
// The reports of a training so far: one point per evaluation. A value that the window
// fills from the engine's reports; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace depthscope::trace {

struct TrainingPoint {
    std::int64_t step = 0;
    double seconds = 0;   ///< since the start, pauses left out
    double trainLoss = 0; ///< nats per token, mean since the point before
    double valLoss = 0;   ///< nats per token
    double tokensPerSecond = 0;
    double meanDepth = std::numeric_limits<double>::quiet_NaN(); ///< recursions per token
    std::vector<double>
        exitShares; ///< share of the tokens that end after each recursion; may be empty
};

struct TrainingView {
    std::string preset;
    std::int64_t steps = 0; ///< to be done in all
    std::vector<TrainingPoint> points;
};

} // namespace depthscope::trace
