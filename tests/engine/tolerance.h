// SPDX-License-Identifier: MIT
// All tolerances of the engine's tests, with their reasons. None is widened to make a test pass.
#pragma once

namespace depthscope::tests {

/// Official implementations in fp32 against ours in fp32: other orders of summation in matrix
/// products.
inline constexpr double kFixtureLogits = 2e-4;
/// The same for losses, which are means of hundreds of such values.
inline constexpr double kFixtureLoss = 2e-4;
/// fp64 against closed forms: rounding alone.
inline constexpr double kDouble = 1e-10;
/// fp32 on the CPU along two routes through the same arithmetic (cached and uncached decoding).
inline constexpr double kFloatRoutes = 2e-5;
/// Pattern experts in fp32: only the listed pairs against a mask over all keys, other orders of
/// summation; gradients of sums over a side.
inline constexpr double kFastPatterns = 1e-5;

/// Multiply-accumulates of MoRE-DiT: the closed form takes the four pattern experts to be used
/// alike and every neighbourhood to be whole, and leaves out the registers' keys and values.
inline constexpr double kEvenExperts = 0.04;

/// Figures that another program prints with two decimals, and half a unit in its own rounding.
inline constexpr double kTwoDecimals = 0.0051;
/// SSIM as the ffmpeg program prints it, with six decimals, from fp32 quotients.
inline constexpr double kSixDecimals = 2e-6;

} // namespace depthscope::tests
