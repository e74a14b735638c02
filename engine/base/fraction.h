// SPDX-License-Identifier: MIT
// An exact ratio, as typed by a user: 2/3 of 256 tokens is 170, 0.67 is 171.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace depthscope {

/// A non-negative ratio kept exact: numerator / denominator, both positive or 0 / 1.
struct Fraction {
    std::int64_t numerator = 1;
    std::int64_t denominator = 1;

    [[nodiscard]] constexpr double value() const {
        return static_cast<double>(numerator) / static_cast<double>(denominator);
    }

    /// floor(value · count), exact for all counts below 2^31.
    [[nodiscard]] constexpr std::int64_t of(std::int64_t count) const {
        return numerator * count / denominator;
    }

    /// The same rounded up.
    [[nodiscard]] constexpr std::int64_t ofUp(std::int64_t count) const {
        return (numerator * count + denominator - 1) / denominator;
    }

    /// Equal as written: 1/2 and 2/4 are the same number and compare equal.
    [[nodiscard]] constexpr bool operator==(const Fraction& other) const {
        return numerator * other.denominator == other.numerator * denominator;
    }

    [[nodiscard]] constexpr bool operator<(const Fraction& other) const {
        return numerator * other.denominator < other.numerator * denominator;
    }
};

/// "2/3", "0.67", "67 %", "1". Throws Error{BadInput} naming `subject` for anything else, for a
/// negative number, a zero denominator, and for numbers with more than nine digits.
/// A decimal text within 1e-9 of n/d with d <= 12 is read as that fraction, so that the official
/// configurations' "0.6666666666666666" stays two thirds.
[[nodiscard]] Fraction parseFraction(std::string_view text, std::string_view subject);

/// "2/3", "1", or a short decimal when the denominator is a power of ten above 12: "0.67".
[[nodiscard]] std::string toString(const Fraction& fraction);

/// The fraction with denominator 1000 nearest to `value`, reduced. For sliders.
[[nodiscard]] Fraction nearestPerMille(double value);

} // namespace depthscope
