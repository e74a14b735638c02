// SPDX-License-Identifier: MIT
// Quantiles of measurements. Pure function, any thread.
#pragma once

#include <vector>

namespace depthscope {

/// The value below which `share` (0..1) of the others lie, by nearest rank; 0.5 is the median (the
/// larger of two middle values). NaN without values.
[[nodiscard]] double quantile(std::vector<double> values, double share);

} // namespace depthscope
