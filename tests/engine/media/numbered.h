// SPDX-License-Identifier: MIT
// Pictures that carry their number in their pixels, as twelve black or white cells of a grid of
// four columns and three rows. Pure functions.
#pragma once

#include "engine/base/rgb_picture.h"

#include <cstddef>
#include <random>

namespace depthscope::test {

inline constexpr int kNumberColumns = 4;
inline constexpr int kNumberRows = 3;

[[nodiscard]] inline RgbPicture numberedPicture(int width, int height, int number) {
    RgbPicture picture{width, height, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const int cell = y * kNumberRows / height * kNumberColumns + x * kNumberColumns / width;
            const bool isSet = (number >> cell & 1) != 0;
            picture.bytes.insert(picture.bytes.end(), 3, isSet ? 255 : 0);
        }
    }
    return picture;
}

/// By the pixel in the middle of each cell.
[[nodiscard]] inline int numberIn(const RgbPicture& picture) {
    int number = 0;
    for (int cell = 0; cell < kNumberColumns * kNumberRows; ++cell) {
        const int x = (2 * (cell % kNumberColumns) + 1) * picture.width / (2 * kNumberColumns);
        const int y = (2 * (cell / kNumberColumns) + 1) * picture.height / (2 * kNumberRows);
        const std::ptrdiff_t at = (std::ptrdiff_t{y} * picture.width + x) * 3 + 1;
        constexpr int kMiddle = 128;
        number |= picture.bytes[static_cast<std::size_t>(at)] >= kMiddle ? 1 << cell : 0;
    }
    return number;
}

[[nodiscard]] inline RgbPicture noisePicture(int width, int height, unsigned seed) {
    std::mt19937 random(seed);
    RgbPicture picture{width, height, {}};
    picture.bytes.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (std::uint8_t& byte : picture.bytes) {
        byte = static_cast<std::uint8_t>(random());
    }
    return picture;
}

} // namespace depthscope::test
