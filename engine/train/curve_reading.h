// SPDX-License-Identifier: MIT
// What results pages of experiments have in common: curves read at a point, means over seeds, and
// when a difference is decided. Pure functions of values; any thread.
#pragma once

#include "engine/train/metrics.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::train {

/// What a curve is read against.
using Axis = double (*)(const Evaluation&);

[[nodiscard]] double samplesOf(const Evaluation& point); ///< tokens trained on
[[nodiscard]] double flopsOf(const Evaluation& point);
[[nodiscard]] double secondsOf(const Evaluation& point);

/// The metric where the curve passes `at` on the axis, linear between two evaluations; NaN where it
/// ends before.
[[nodiscard]] double
valueAt(const std::vector<Evaluation>& curve, std::string_view metric, Axis axis, double at);

/// Where on the axis the metric first falls to `level`, linear between two evaluations; NaN where
/// it does not.
[[nodiscard]] double reachedAt(const std::vector<Evaluation>& curve,
                               double (*metric)(const Evaluation&),
                               Axis axis,
                               double level);

/// printf's "%.4f" of it.
[[nodiscard]] std::string numberText(const char* format, double value);

struct Spread {
    double mean = 0;      ///< NaN without a value
    double deviation = 0; ///< standard deviation; NaN with one value
    std::size_t count = 0;

    /// Of the mean.
    [[nodiscard]] double standardError() const;

    /// The mean is further than two standard errors from `value`.
    [[nodiscard]] bool isApartFrom(double value) const;
};

[[nodiscard]] Spread spreadOf(const std::vector<double>& values);

/// "0.1234 ± 0.0012 (3)"; "not run" without a value.
[[nodiscard]] std::string spreadText(const Spread& spread, const char* format = "%.4f");

/// Values of one system by seed.
using BySeed = std::vector<std::pair<std::uint64_t, double>>;

/// a - b of the seeds that both have.
[[nodiscard]] std::vector<double> differences(const BySeed& a, const BySeed& b);

/// a / b of them.
[[nodiscard]] std::vector<double> ratios(const BySeed& a, const BySeed& b);

} // namespace depthscope::train
