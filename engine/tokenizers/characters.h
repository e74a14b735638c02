// SPDX-License-Identifier: MIT
// What kind of character a code point is, as the Hugging Face tokenizers see it (Rust's standard
// library and its regex crate), from ICU's tables. Any thread; throws nothing.
#pragma once

#include <cstdint>

namespace depthscope::tokenizers {

/// \w of Rust's regex: alphabetic, mark, decimal number, connector punctuation, join control.
[[nodiscard]] bool isWordCharacter(std::uint32_t codePoint);

/// ASCII's punctuation and symbols, and the categories P*.
[[nodiscard]] bool isPunctuation(std::uint32_t codePoint);

/// The categories N*.
[[nodiscard]] bool isNumeric(std::uint32_t codePoint);

/// The categories M*.
[[nodiscard]] bool isMark(std::uint32_t codePoint);

/// ICU's number of the script, with kana and the long-vowel mark counted as Han, as SentencePiece
/// and UnicodeScripts do; kAnyScript for a space and for what is not assigned.
[[nodiscard]] int scriptOf(std::uint32_t codePoint);

inline constexpr int kAnyScript = -1;

} // namespace depthscope::tokenizers
