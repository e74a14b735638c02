// SPDX-License-Identifier: MIT
// The evaluations of a training, as values and as text: a line for checkpoints, and CSV. Pure
// functions of values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::train {

struct Metric {
    std::string name; ///< "val_loss"; of a series "load[1]", "load[2]", ..
    double value = 0;
    std::string unit; ///< "nats/token"; empty in what was read back: files do not hold it
};

struct Evaluation {
    std::int64_t step = 0;
    double trainLoss = 0;        ///< mean since the last evaluation
    std::vector<Metric> metrics; ///< of the held-out data
    std::int64_t tokens = 0;     ///< trained on so far
    double flops = 0;            ///< of training so far, forward and backward passes
    double seconds = 0;

    /// NaN where there is none of that name.
    [[nodiscard]] double metric(std::string_view name) const;
    /// The values of NAME[1], NAME[2], ..
    [[nodiscard]] std::vector<double> series(std::string_view name) const;
};

/// The evaluations of a run as one line of JSON, and back; unreadable parts are left out.
[[nodiscard]] std::string curveText(const std::vector<Evaluation>& history);
[[nodiscard]] std::vector<Evaluation> parseCurve(const std::string& text);

/// A header line and one line an evaluation, with the metrics of the newest one; empty cells where
/// a value is unknown.
[[nodiscard]] std::string curveCsv(const std::vector<Evaluation>& history);

/// The name of a metric in event files: "loss/validation", "routing/load_1".
[[nodiscard]] std::string eventTag(std::string_view metric);

} // namespace depthscope::train
