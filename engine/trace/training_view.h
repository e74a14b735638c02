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
    double trainLoss = 0; ///< TrainingView::unit, mean since the point before
    double valLoss = 0;   ///< TrainingView::unit
    double tokensPerSecond = 0;
    double meanDepth = std::numeric_limits<double>::quiet_NaN(); ///< recursions per token
    std::vector<double>
        exitShares; ///< share of the tokens that end after each recursion; may be empty
    // Of a model that predicts clips, dB over the held-out ones; else NaN.
    double psnrPrediction = std::numeric_limits<double>::quiet_NaN();
    double psnrCopyLast = std::numeric_limits<double>::quiet_NaN(); ///< of the last given frame
};

/// By how many dB a demo must predict better than the last given frame repeated
/// (docs/video_models.md, "Measures").
inline constexpr double kAskedGain = 9;

struct TrainingView {
    std::string preset;
    std::string unit = "nats per token"; ///< of the losses; a message id
    std::int64_t steps = 0;              ///< to be done in all
    std::vector<TrainingPoint> points;
};

} // namespace depthscope::trace
