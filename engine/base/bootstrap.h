// SPDX-License-Identifier: MIT
// How far a mean of measurements in a row can be trusted. Pure function, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace depthscope {

struct Interval {
    double low = 0;
    double high = 0;
};

/// The 95 % interval of the mean by the circular block bootstrap (Politis and Romano 1992): means
/// of 1,000 series drawn in blocks of neighbours, with replacement, because neighbouring tokens
/// resemble each other. At least 16 values to a block, and at most 1,000 blocks; percentiles 2.5
/// and 97.5. The same seed gives the same interval. NaN with fewer than ten blocks:
/// so few say little of how they differ.
[[nodiscard]] Interval bootstrapMean(std::span<const double> values, std::uint64_t seed);

} // namespace depthscope
