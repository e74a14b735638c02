// SPDX-License-Identifier: MIT
#include "engine/base/utf8.h"

namespace depthscope {

namespace {

unsigned byteAt(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// Bounds of the second byte (Unicode, table 3-7): they exclude overlong forms and surrogates.
bool secondByteFits(unsigned first, unsigned second) {
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

std::size_t lengthFromFirst(unsigned first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return 3;
    }
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

} // namespace

std::size_t utf8Length(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return 0;
    }
    const unsigned first = byteAt(text, at);
    const std::size_t length = lengthFromFirst(first);
    if (length <= 1) {
        return length;
    }
    if (text.size() - at < length || !secondByteFits(first, byteAt(text, at + 1))) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byteAt(text, at + i) & 0xc0U) != 0x80U) {
            return 0;
        }
    }
    return length;
}

std::uint32_t utf8CodePoint(std::string_view text, std::size_t at, std::size_t length) {
    constexpr unsigned kFirstMask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    std::uint32_t code = byteAt(text, at) & kFirstMask[length];
    for (std::size_t i = 1; i < length; ++i) {
        code = (code << 6U) | (byteAt(text, at + i) & 0x3fU);
    }
    return code;
}

std::size_t utf8RunEnd(std::string_view text, std::size_t at) {
    while (const std::size_t length = utf8Length(text, at)) {
        at += length;
    }
    return at;
}

std::string wellFormed(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = utf8RunEnd(text, at);
        result += text.substr(at, end - at);
        if (end < text.size()) {
            result += "\xef\xbf\xbd";
        }
        at = end + 1;
    }
    return result;
}

void appendUtf8(std::string& text, std::uint32_t codePoint) {
    const auto put = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xc0U | (codePoint >> 6U));
        put(0x80U | (codePoint & 0x3fU));
    } else if (codePoint < 0x10000) {
        put(0xe0U | (codePoint >> 12U));
        put(0x80U | ((codePoint >> 6U) & 0x3fU));
        put(0x80U | (codePoint & 0x3fU));
    } else {
        put(0xf0U | (codePoint >> 18U));
        put(0x80U | ((codePoint >> 12U) & 0x3fU));
        put(0x80U | ((codePoint >> 6U) & 0x3fU));
        put(0x80U | (codePoint & 0x3fU));
    }
}

bool isUnicodeSpace(std::uint32_t codePoint) {
    return (codePoint >= 0x09 && codePoint <= 0x0d) || codePoint == 0x20 || codePoint == 0x85 ||
           codePoint == 0xa0 || codePoint == 0x1680 ||
           (codePoint >= 0x2000 && codePoint <= 0x200a) || codePoint == 0x2028 ||
           codePoint == 0x2029 || codePoint == 0x202f || codePoint == 0x205f || codePoint == 0x3000;
}

std::size_t characterBefore(std::string_view text, std::size_t at) {
    do {
        --at;
    } while (at > 0 && isContinuation(text[at]));
    return at;
}

std::size_t skipSpacesBack(std::string_view text, std::size_t at) {
    while (at > 0) {
        const std::size_t before = characterBefore(text, at);
        const std::size_t length = utf8Length(text, before);
        if (length != at - before || !isUnicodeSpace(utf8CodePoint(text, before, length))) {
            break;
        }
        at = before;
    }
    return at;
}

std::size_t skipSpaces(std::string_view text, std::size_t at) {
    while (const std::size_t length = utf8Length(text, at)) {
        if (!isUnicodeSpace(utf8CodePoint(text, at, length))) {
            break;
        }
        at += length;
    }
    return at;
}

} // namespace depthscope
