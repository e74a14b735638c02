// SPDX-License-Identifier: MIT
// UTF-8, strictly: what is no well-formed character is an invalid byte. Any thread; throws nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace depthscope::data {

/// Length in bytes of the well-formed character at text[at]; 0 where there is none (overlong forms,
/// surrogates, values past U+10FFFF and cut-off characters included).
[[nodiscard]] std::size_t utf8Length(std::string_view text, std::size_t at);

/// Code point of the well-formed character of `length` bytes at text[at].
[[nodiscard]] std::uint32_t
utf8CodePoint(std::string_view text, std::size_t at, std::size_t length);

/// End of the longest well-formed run that starts at `at`; `at` itself for an invalid byte.
[[nodiscard]] std::size_t utf8RunEnd(std::string_view text, std::size_t at);

void appendUtf8(std::string& text, std::uint32_t codePoint);

} // namespace depthscope::data
