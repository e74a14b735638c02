// SPDX-License-Identifier: MIT
// The letters of byte-level BPE: every byte has a printable character, so that a vocabulary of byte
// strings can stand in a JSON file. Printable Latin-1 bytes stand for themselves, the other 68 are
// U+0100 and up, in order. Const after construction; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace depthscope::tokenizers {

class ByteLetters {
public:
    ByteLetters();

    [[nodiscard]] const std::string& letter(std::uint8_t byte) const { return m_letters[byte]; }

    [[nodiscard]] std::string toLetters(std::string_view bytes) const;

    /// Empty where a character is no byte letter.
    [[nodiscard]] std::optional<std::string> toBytes(std::string_view letters) const;

private:
    static constexpr std::size_t kCodes = 256 + 68;

    std::array<std::string, 256> m_letters;
    std::array<std::int16_t, kCodes> m_bytes{}; ///< by code point; -1: no byte letter
};

/// The byte that a piece like <0xE9> spells.
[[nodiscard]] std::optional<char> spelledByte(std::string_view piece);

} // namespace depthscope::tokenizers
