// SPDX-License-Identifier: MIT
// The evaluations that a training folder keeps in its metrics.csv, as points of a chart, so that a
// training that is resumed shows what came before. Reads one file of bounded size; any thread.
#pragma once

#include "engine/trace/training_view.h"

#include <QString>
#include <cstdint>
#include <vector>

namespace depthscope::lab {

struct TrainingHistory {
    std::string unit; ///< of the losses, as trace::TrainingView says it
    std::vector<trace::TrainingPoint> points;
};

/// Up to this step; lines that cannot be read are left out.
[[nodiscard]] TrainingHistory trainingHistory(const QString& folder, std::int64_t lastStep);

/// Of the shares that run each recursion, those that end after it.
[[nodiscard]] std::vector<double> exitSharesOf(const std::vector<double>& activeShares);

} // namespace depthscope::lab
