// SPDX-License-Identifier: MIT
// How far pictures are from their originals: PSNR, and SSIM (Wang, Bovik, Sheikh and Simoncelli
// 2004) over windows of 8 x 8 every 4 pixels, as the ffmpeg program's psnr and ssim filters measure
// planes of 8 bits. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::evaluate {

/// One channel of a picture.
struct PlaneView {
    std::span<const std::uint8_t> values; ///< from the plane's first value on
    std::int32_t width = 0;
    std::int32_t height = 0;
    std::int32_t step = 1; ///< from a value to its right neighbour: 3 in RGB
    std::int32_t row = 0;  ///< from a value to the one below: step · width, or more

    [[nodiscard]] int at(std::int32_t x, std::int32_t y) const {
        return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(row) +
                      static_cast<std::size_t>(x) * static_cast<std::size_t>(step)];
    }
};

/// Channel 0, 1 or 2 of a frame [H, W, 3].
[[nodiscard]] PlaneView channelOf(std::span<const std::uint8_t> frame,
                                  std::int32_t width,
                                  std::int32_t height,
                                  int channel);

/// Of values 0..255, in squares of them. Both have the same length; NaN for none.
[[nodiscard]] double meanSquaredError(std::span<const std::uint8_t> a,
                                      std::span<const std::uint8_t> b);

/// Of planes of the same size.
[[nodiscard]] double meanSquaredError(const PlaneView& a, const PlaneView& b);

/// 10 log10(peak² / error), in dB; infinite for no error.
[[nodiscard]] double psnr(double meanSquaredError, double peak = 255);

/// Mean over the windows, -1..1; 1 for equal planes. NaN where a side has fewer than 8 values. As
/// in the filter, the rest of a side that no window reaches takes no part.
[[nodiscard]] double ssim(const PlaneView& a, const PlaneView& b);

/// Mean SSIM of red, green and blue of two frames [H, W, 3].
[[nodiscard]] double ssimOfRgb(std::span<const std::uint8_t> a,
                               std::span<const std::uint8_t> b,
                               std::int32_t width,
                               std::int32_t height);

/// 0..1, clamped, to 0..255, rounded. NaN becomes 0.
[[nodiscard]] std::vector<std::uint8_t> bytesOf(std::span<const float> values);

} // namespace depthscope::evaluate
