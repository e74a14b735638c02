// SPDX-License-Identifier: MIT
// Student's distribution. Pure function, any thread.
#pragma once

namespace depthscope {

/// The 97.5th percentile of Student's t: half of a 95 % interval in standard errors. By the
/// expansion of Abramowitz and Stegun 26.7.5, within 0.1 % from 4 degrees of freedom on, which is
/// the least that is asked for; they need not be whole. 1.96 for infinitely many.
[[nodiscard]] double studentQuantile(double degreesOfFreedom);

} // namespace depthscope
