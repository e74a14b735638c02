// SPDX-License-Identifier: MIT
#include "engine/base/utf8.h"
#include "widgets/scene/text_service.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace depthscope::scene {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr std::string_view kNothing = "\xE2\x80\xA5";     // two dots
constexpr std::string_view kUnknown = "\xE2\x80\x93";     // en dash: no such figure

struct Scaled {
    double value;
    std::size_t unit;
};

double rounded(double value, int decimals) {
    const double power = std::pow(10.0, decimals);
    return std::round(value * power) / power;
}

// Divides until the figure, as it will be rounded, is below `step`: 1,023.9 KiB is 1 MiB.
template <typename Decimals>
Scaled scaled(double value, double step, std::size_t units, Decimals decimals) {
    Scaled result{value, 0};
    while (result.unit + 1 < units &&
           std::abs(rounded(result.value, decimals(result.value))) >= step) {
        result.value /= step;
        ++result.unit;
    }
    return result;
}

// Three significant digits for figures of at least one.
int threeDigits(double value) {
    const double size = std::abs(value);
    if (size < 9.995) {
        return 2;
    }
    return size < 99.95 ? 1 : 0;
}

// One decimal below ten unless the figure is whole.
int shortDigits(double value) {
    return std::abs(value) < 9.95 && value != std::round(value) ? 1 : 0;
}

std::string withUnit(std::string figure, std::string_view unit) {
    if (!unit.empty()) {
        figure += ' ';
        figure += unit;
    }
    return figure;
}

// Direction controls count as controls: a piece must not reorder its neighbours on screen.
bool isControl(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string_view shown(char32_t c, std::string_view bytes, bool first) {
    if (c == U' ' && first) {
        return "\xC2\xB7"; // middle dot
    }
    if (c == U'\n' || c == 0x2028 || c == 0x2029) {
        return "\xE2\x86\xB5"; // return arrow
    }
    if (c == U'\t') {
        return "\xE2\x86\x92"; // rightwards arrow
    }
    return isControl(c) ? kReplacement : bytes;
}

} // namespace

std::string formatBytes(const TextService& text, double bytes) {
    if (!std::isfinite(bytes)) {
        return std::string(kUnknown);
    }
    constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    const Scaled s = scaled(bytes, 1024.0, kUnits.size(), shortDigits);
    return withUnit(text.number(s.value, s.unit == 0 ? 0 : shortDigits(s.value)), kUnits[s.unit]);
}

std::string formatCount(const TextService& text, double count) {
    if (!std::isfinite(count)) {
        return std::string(kUnknown);
    }
    // Counts a reader still takes in whole: "1,024" says more than "1.02 k".
    if (std::abs(count) < 10000.0 && count == std::round(count)) {
        return text.number(count, 0);
    }
    constexpr std::array<std::string_view, 5> kUnits{"", "k", "M", "G", "T"};
    const Scaled s = scaled(count, 1000.0, kUnits.size(), threeDigits);
    return withUnit(text.number(s.value, threeDigits(s.value)), kUnits[s.unit]);
}

std::string formatSigned(const TextService& text, double value, int decimals) {
    if (!std::isfinite(value)) {
        return std::string(kUnknown);
    }
    const double shownValue = rounded(value, decimals);
    if (shownValue == 0) {
        return text.number(0.0, decimals); // never "-0.00"
    }
    return (shownValue > 0 ? "+" : "") + text.number(value, decimals);
}

std::string formatPercent(const TextService& text, double share) {
    if (!std::isfinite(share)) {
        return std::string(kUnknown);
    }
    // 0.07 * 100 is not whole in binary.
    const double percent = rounded(share * 100.0, 9);
    return withUnit(text.number(percent, shortDigits(percent)), "%");
}

std::string formatMilliseconds(const TextService& text, double milliseconds) {
    if (!std::isfinite(milliseconds)) {
        return std::string(kUnknown);
    }
    constexpr std::array<std::string_view, 2> kUnits{"ms", "s"};
    const Scaled s = scaled(milliseconds, 1000.0, kUnits.size(), threeDigits);
    return withUnit(text.number(s.value, threeDigits(s.value)), kUnits[s.unit]);
}

std::string showPiece(std::string_view bytes) {
    if (bytes.empty()) {
        return std::string(kNothing);
    }
    std::string result;
    result.reserve(bytes.size() + 2);
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = utf8Length(bytes, at);
        if (length == 0) {
            result += kReplacement;
            ++at;
        } else {
            result += shown(utf8CodePoint(bytes, at, length), bytes.substr(at, length), at == 0);
            at += length;
        }
    }
    return result;
}

} // namespace depthscope::scene
