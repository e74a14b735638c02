// SPDX-License-Identifier: MIT
#include "engine/base/fraction.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <charconv>
#include <cmath>
#include <numeric>

namespace depthscope {

namespace {

constexpr int kMaxDigits = 9;
constexpr double kNamedFractionTolerance = 1e-9;
constexpr std::int64_t kLargestNamedDenominator = 12;
constexpr std::int64_t kLargestDenominator =
    1'000'000'000; // two ratios up to 1 compare within 64 bits

Fraction reduced(std::int64_t numerator, std::int64_t denominator) {
    if (numerator == 0) {
        return {0, 1};
    }
    const std::int64_t divisor = std::gcd(numerator, denominator);
    return {numerator / divisor, denominator / divisor};
}

[[noreturn]] void reject(std::string_view text, std::string_view subject) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: \"{}\" is not a ratio", subject, text),
                "Use a ratio such as 2/3, 0.67, 67 % or 1.");
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    while (!text.empty() && text.back() == ' ') {
        text.remove_suffix(1);
    }
    return text;
}

bool isDigits(std::string_view text) {
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
    }
    return !text.empty();
}

std::int64_t
parseInteger(std::string_view digits, std::string_view text, std::string_view subject) {
    if (!isDigits(digits) || digits.size() > kMaxDigits) {
        reject(text, subject);
    }
    std::int64_t value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
    }
    return value;
}

/// A decimal text; long ones are recognised as a named fraction (1/3, 5/6) or rounded to 9 digits.
Fraction parseDecimal(std::string_view text, std::string_view subject) {
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    std::string_view decimals = text.substr(point + 1);
    if ((whole.empty() && decimals.empty()) || (!whole.empty() && !isDigits(whole)) ||
        (!decimals.empty() && !isDigits(decimals)) || whole.size() > kMaxDigits) {
        reject(text, subject);
    }
    const std::int64_t integer = whole.empty() ? 0 : parseInteger(whole, text, subject);
    const std::string share = "0." + std::string(decimals) + "0";
    double value = 0; // not strtod, which asks the locale what a decimal point is
    std::from_chars(share.data(), share.data() + share.size(), value);
    if (decimals.size() >= 8) {
        for (std::int64_t d = 1; d <= kLargestNamedDenominator; ++d) {
            const auto n = static_cast<std::int64_t>(std::llround(value * static_cast<double>(d)));
            const double named = static_cast<double>(n) / static_cast<double>(d);
            if (std::abs(named - value) < kNamedFractionTolerance) {
                return reduced(integer * d + n, d);
            }
        }
        decimals = decimals.substr(0, kMaxDigits - 1);
    }
    std::int64_t scale = 1;
    for (std::size_t i = 0; i < decimals.size(); ++i) {
        scale *= 10;
    }
    const std::int64_t part = decimals.empty() ? 0 : parseInteger(decimals, text, subject);
    return reduced(integer * scale + part, scale);
}

} // namespace

Fraction parseFraction(std::string_view text, std::string_view subject) {
    std::string_view body = trimmed(text);
    if (body.empty()) {
        reject(text, subject);
    }
    if (body.back() == '%') {
        body.remove_suffix(1);
        if (body.find('%') != std::string_view::npos) {
            reject(text, subject);
        }
        const Fraction percent = parseFraction(body, subject);
        if (percent.denominator > kLargestDenominator / 100) {
            const double share = percent.value() / 100.0;
            return reduced(std::llround(share * static_cast<double>(kLargestDenominator)),
                           kLargestDenominator);
        }
        return reduced(percent.numerator, percent.denominator * 100);
    }
    if (const std::size_t slash = body.find('/'); slash != std::string_view::npos) {
        const std::int64_t n = parseInteger(trimmed(body.substr(0, slash)), text, subject);
        const std::int64_t d = parseInteger(trimmed(body.substr(slash + 1)), text, subject);
        if (d == 0) {
            reject(text, subject);
        }
        return reduced(n, d);
    }
    if (body.find('.') != std::string_view::npos) {
        return parseDecimal(body, subject);
    }
    return reduced(parseInteger(body, text, subject), 1);
}

std::string toString(const Fraction& fraction) {
    if (fraction.denominator == 1) {
        return std::to_string(fraction.numerator);
    }
    if (fraction.denominator > kLargestNamedDenominator) {
        std::int64_t scale = 10;
        for (int digits = 1; digits <= kMaxDigits; ++digits, scale *= 10) {
            if (scale % fraction.denominator == 0) {
                const std::int64_t scaled = fraction.numerator * (scale / fraction.denominator);
                std::string decimals = std::to_string(scaled % scale);
                decimals.insert(0, static_cast<std::size_t>(digits) - decimals.size(), '0');
                return std::to_string(scaled / scale) + "." + decimals;
            }
        }
    }
    return std::to_string(fraction.numerator) + "/" + std::to_string(fraction.denominator);
}

Fraction nearestPerMille(double value) {
    return reduced(std::llround(value * 1000.0), 1000);
}

} // namespace depthscope
