// SPDX-License-Identifier: MIT
#include "widgets/scene/color_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace depthscope::scene {

namespace {

struct Knot {
    int at; ///< 0..255
    Color color;
};

// Placed where straight lines between them stay within 1.3 of 255 of the published 256 colours.
constexpr std::array<Knot, 19> kCividis{{
    {0, {0, 34, 78}},       {19, {0, 48, 111}},     {21, {0, 49, 112}},     {23, {1, 50, 113}},
    {28, {18, 53, 112}},    {34, {30, 58, 111}},    {43, {43, 64, 109}},    {52, {54, 70, 108}},
    {84, {86, 92, 109}},    {107, {107, 109, 114}}, {126, {123, 122, 120}}, {147, {143, 138, 120}},
    {179, {174, 163, 113}}, {205, {201, 185, 101}}, {219, {217, 197, 92}},  {232, {231, 209, 80}},
    {243, {243, 219, 66}},  {251, {253, 227, 52}},  {255, {254, 232, 56}},
}};

constexpr Color kBlue{47, 126, 192};
constexpr Color kOrange{217, 119, 6};

// Okabe and Ito (2008), with a grey in place of black, which vanishes on a dark surface.
constexpr std::array<Color, 8> kOkabeIto{{
    {230, 159, 0},
    {86, 180, 233},
    {0, 158, 115},
    {240, 228, 66},
    {0, 114, 178},
    {213, 94, 0},
    {204, 121, 167},
    {140, 140, 140},
}};

float clampedOrLow(float t, float low, float high) {
    return std::isnan(t) ? low : std::clamp(t, low, high);
}

std::uint8_t mixed(std::uint8_t a, std::uint8_t b, float t) {
    const float value = static_cast<float>(a) * t + static_cast<float>(b) * (1.0F - t);
    return static_cast<std::uint8_t>(std::lround(value));
}

double linear(std::uint8_t channel) {
    const double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(Color c) {
    return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

} // namespace

Color cividis(float t) {
    const float position = clampedOrLow(t, 0.0F, 1.0F) * 255.0F;
    std::size_t upper = 1;
    while (upper + 1 < kCividis.size() && static_cast<float>(kCividis[upper].at) < position) {
        ++upper;
    }
    const Knot& a = kCividis[upper - 1];
    const Knot& b = kCividis[upper];
    const float share = (position - static_cast<float>(a.at)) / static_cast<float>(b.at - a.at);
    return mix(b.color, a.color, share);
}

Color plum(float t) {
    constexpr Color kPale{214, 190, 232};
    constexpr Color kMiddle{150, 72, 190};
    constexpr Color kDeep{62, 10, 92};
    const float position = clampedOrLow(t, 0.0F, 1.0F) * 2;
    return position < 1 ? mix(kMiddle, kPale, position) : mix(kDeep, kMiddle, position - 1);
}

Color blueOrange(float t, Color neutral) {
    const float value = std::isnan(t) ? 0.0F : std::clamp(t, -1.0F, 1.0F);
    return mix(value < 0 ? kBlue : kOrange, neutral, std::abs(value));
}

Color okabeIto(int index) {
    constexpr int kSize = static_cast<int>(kOkabeIto.size());
    return kOkabeIto[static_cast<std::size_t>((index % kSize + kSize) % kSize)];
}

float contrast(Color a, Color b) {
    const double first = luminance(a) + 0.05;
    const double second = luminance(b) + 0.05;
    return static_cast<float>(std::max(first, second) / std::min(first, second));
}

Color mix(Color a, Color b, float t) {
    const float weight = clampedOrLow(t, 0.0F, 1.0F);
    return {mixed(a.r, b.r, weight), mixed(a.g, b.g, weight), mixed(a.b, b.b, weight),
            mixed(a.a, b.a, weight)};
}

} // namespace depthscope::scene
