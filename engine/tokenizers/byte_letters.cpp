// SPDX-License-Identifier: MIT
#include "engine/tokenizers/byte_letters.h"

#include "engine/base/utf8.h"

#include <charconv>

namespace depthscope::tokenizers {

ByteLetters::ByteLetters() {
    m_bytes.fill(-1);
    std::uint32_t next = 256;
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        const bool printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad);
        const std::uint32_t code = printable ? byte : next++;
        appendUtf8(m_letters[byte], code);
        m_bytes[code] = static_cast<std::int16_t>(byte);
    }
}

std::string ByteLetters::toLetters(std::string_view bytes) const {
    std::string letters;
    letters.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        letters += letter(static_cast<std::uint8_t>(byte));
    }
    return letters;
}

std::optional<std::string> ByteLetters::toBytes(std::string_view letters) const {
    std::string bytes;
    for (std::size_t at = 0; at < letters.size();) {
        const std::size_t length = utf8Length(letters, at);
        const std::uint32_t code = length == 0 ? kCodes : utf8CodePoint(letters, at, length);
        if (code >= kCodes || m_bytes[code] < 0) {
            return std::nullopt;
        }
        bytes.push_back(static_cast<char>(m_bytes[code]));
        at += length;
    }
    return bytes;
}

std::optional<char> spelledByte(std::string_view piece) {
    constexpr std::size_t kLength = 6;
    if (piece.size() != kLength || !piece.starts_with("<0x") || piece.back() != '>') {
        return std::nullopt;
    }
    unsigned value = 0;
    const char* end = piece.data() + kLength - 1;
    const auto [stop, error] = std::from_chars(piece.data() + 3, end, value, 16);
    return error == std::errc() && stop == end ? std::optional(static_cast<char>(value))
                                               : std::nullopt;
}

} // namespace depthscope::tokenizers
