// SPDX-License-Identifier: MIT
// Text of fixed advance for tests: every code point is 0.6 of the font size wide, nothing is
// translated, numbers are those of the C locale. Any thread.
#pragma once

#include "widgets/scene/text_service.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace depthscope::tests {

class FakeTextService final : public scene::TextService {
public:
    [[nodiscard]] float width(std::string_view text, const scene::TextStyle& style) const override {
        return static_cast<float>(codePoints(text)) * advance(style);
    }

    [[nodiscard]] std::string
    elide(std::string_view text, const scene::TextStyle& style, float maxWidth) const override {
        if (width(text, style) <= maxWidth) {
            return std::string(text);
        }
        const auto fitting = static_cast<std::size_t>(std::max(0.0F, maxWidth / advance(style)));
        if (fitting == 0) {
            return {};
        }
        std::size_t end = 0;
        for (std::size_t kept = 0; end < text.size(); ++end) {
            if (startsCodePoint(text[end]) && kept++ == fitting - 1) {
                break;
            }
        }
        return std::string(text.substr(0, end)) + "\xE2\x80\xA6";
    }

    [[nodiscard]] std::string translate(const char* source) const override { return source; }

    [[nodiscard]] std::string number(double value, int decimals) const override {
        char buffer[400];
        std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
        return buffer;
    }

private:
    static float advance(const scene::TextStyle& style) { return 0.6F * style.size; }

    static bool startsCodePoint(char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    }

    static std::size_t codePoints(std::string_view text) {
        return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), startsCodePoint));
    }
};

} // namespace depthscope::tests
