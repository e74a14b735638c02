// SPDX-License-Identifier: MIT
#include "engine/data/byte_letters.h"

#include "engine/data/utf8.h"

namespace depthscope::data {

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

} // namespace depthscope::data
