// SPDX-License-Identifier: MIT
// How deep the places of each class are, and how far that can be trusted. Neighbours resemble each
// other, so that places do not count alone: the unit is a stretch, neighbouring places of one
// class; in graded text the answer of one exercise. Pure functions of a RunView, any thread.
#pragma once

#include "engine/base/bootstrap.h"
#include "engine/trace/run_view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace depthscope::trace {

/// Fewer stretches say too little of how they differ: no interval.
inline constexpr std::size_t kLeastStretches = 5;

struct ClassDepth {
    std::uint8_t number = 0; ///< in the run's class set
    std::size_t count = 0;   ///< places
    std::size_t stretches = 0;
    double mean = 0;          ///< recursions
    double standardError = 0; ///< of the mean; NaN with too few stretches

    /// Half the width of the 95 % interval of the mean; NaN with too few stretches.
    [[nodiscard]] double margin() const;
};

/// The classes that occur, by number. The mean is a ratio of sums over stretches, sum y / sum n
/// with y the recursions and n the places of a stretch; its standard error is that of a ratio
/// estimate from m clusters (Cochran 1977, section 6.3): sqrt(m / (m - 1) sum (y - mean n)^2) /
/// sum n. The interval is t standard errors wide, with m - 1 degrees of freedom. No width where all
/// places are equally deep.
[[nodiscard]] std::vector<ClassDepth> classDepths(const RunView& run);

/// The 95 % interval of first.mean - second.mean by Welch's t; nothing where one of them has too
/// few stretches.
[[nodiscard]] std::optional<Interval> depthDifference(const ClassDepth& first,
                                                      const ClassDepth& second);

} // namespace depthscope::trace
