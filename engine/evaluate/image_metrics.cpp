// SPDX-License-Identifier: MIT
#include "engine/evaluate/image_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthscope::evaluate {

namespace {

constexpr std::int32_t kWindow = 8;
constexpr std::int32_t kHop = 4;

/// SSIM of one window from sums over its n = 64 pixels: numerator and denominator of the paper's
/// equation 13, each times n³ (n - 1). The constants are rounded as FFmpeg rounds them.
double windowSsim(const PlaneView& a, const PlaneView& b, std::int32_t left, std::int32_t top) {
    constexpr int kPixels = kWindow * kWindow;
    constexpr double kC1 = 416;    // 0.01² · 255² · 64, rounded
    constexpr double kC2 = 235963; // 0.03² · 255² · 64 · 63, rounded
    std::int64_t sumA = 0;
    std::int64_t sumB = 0;
    std::int64_t squares = 0;
    std::int64_t products = 0;
    for (std::int32_t y = top; y < top + kWindow; ++y) {
        for (std::int32_t x = left; x < left + kWindow; ++x) {
            const int one = a.at(x, y);
            const int other = b.at(x, y);
            sumA += one;
            sumB += other;
            squares += one * one + other * other;
            products += one * other;
        }
    }
    const auto means = static_cast<double>(sumA * sumB);
    const auto meanSquares = static_cast<double>(sumA * sumA + sumB * sumB);
    const auto covariance = static_cast<double>(kPixels * products - sumA * sumB);
    const auto variances = static_cast<double>(kPixels * squares - sumA * sumA - sumB * sumB);
    return (2 * means + kC1) * (2 * covariance + kC2) / ((meanSquares + kC1) * (variances + kC2));
}

} // namespace

PlaneView channelOf(std::span<const std::uint8_t> frame,
                    std::int32_t width,
                    std::int32_t height,
                    int channel) {
    return {frame.subspan(static_cast<std::size_t>(channel)), width, height, 3, 3 * width};
}

double meanSquaredError(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const int difference = int{a[i]} - int{b[i]};
        sum += difference * difference;
    }
    return a.empty() ? std::numeric_limits<double>::quiet_NaN()
                     : static_cast<double>(sum) / static_cast<double>(a.size());
}

double meanSquaredError(const PlaneView& a, const PlaneView& b) {
    std::int64_t sum = 0;
    for (std::int32_t y = 0; y < a.height; ++y) {
        for (std::int32_t x = 0; x < a.width; ++x) {
            const int difference = a.at(x, y) - b.at(x, y);
            sum += difference * difference;
        }
    }
    return static_cast<double>(sum) / (double(a.width) * double(a.height));
}

double psnr(double meanSquaredError, double peak) {
    return 10 * std::log10(peak * peak / meanSquaredError);
}

double ssim(const PlaneView& a, const PlaneView& b) {
    double sum = 0;
    std::int64_t windows = 0;
    for (std::int32_t y = 0; y + kWindow <= a.height; y += kHop) {
        for (std::int32_t x = 0; x + kWindow <= a.width; x += kHop) {
            sum += windowSsim(a, b, x, y);
            ++windows;
        }
    }
    return windows == 0 ? std::numeric_limits<double>::quiet_NaN()
                        : sum / static_cast<double>(windows);
}

double ssimOfRgb(std::span<const std::uint8_t> a,
                 std::span<const std::uint8_t> b,
                 std::int32_t width,
                 std::int32_t height) {
    double sum = 0;
    for (int channel = 0; channel < 3; ++channel) {
        sum += ssim(channelOf(a, width, height, channel), channelOf(b, width, height, channel));
    }
    return sum / 3;
}

std::vector<std::uint8_t> bytesOf(std::span<const float> values) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(values.size());
    for (const float value : values) {
        const float bounded = value > 0 ? std::min(value, 1.0F) : 0.0F; // NaN: 0
        bytes.push_back(static_cast<std::uint8_t>(std::lround(bounded * 255)));
    }
    return bytes;
}

} // namespace depthscope::evaluate
