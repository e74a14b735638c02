// SPDX-License-Identifier: MIT
// Strict UTF-8: anything that is not a well-formed character is an invalid byte. Any thread; never
// throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace depthscope {

/// Length in bytes of the well-formed character at text[at]; 0 if there is none (including overlong
/// forms, surrogates, values above U+10FFFF and truncated characters).
[[nodiscard]] std::size_t utf8Length(std::string_view text, std::size_t at);

/// The byte continues a character that began before it.
[[nodiscard]] constexpr bool isContinuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

/// Code point of the well-formed character of `length` bytes at text[at].
[[nodiscard]] std::uint32_t
utf8CodePoint(std::string_view text, std::size_t at, std::size_t length);

/// End of the longest well-formed run that starts at `at`; `at` itself for an invalid byte.
[[nodiscard]] std::size_t utf8RunEnd(std::string_view text, std::size_t at);

/// The text with U+FFFD instead of each byte that is not part of a well-formed character.
[[nodiscard]] std::string wellFormed(std::string_view text);

void appendUtf8(std::string& text, std::uint32_t codePoint);

/// White_Space of the Unicode character database.
[[nodiscard]] bool isUnicodeSpace(std::uint32_t codePoint);

/// Start of the last character that begins before `at`, which must be above 0.
[[nodiscard]] std::size_t characterBefore(std::string_view text, std::size_t at);

/// The text before `at` without its trailing white space ends here.
[[nodiscard]] std::size_t skipSpacesBack(std::string_view text, std::size_t at);

/// First position at or after `at` that is not white space.
[[nodiscard]] std::size_t skipSpaces(std::string_view text, std::size_t at);

} // namespace depthscope
