// SPDX-License-Identifier: MIT
// Reads numbers and ranges from the bytes of a hostile file, never past their end. A view: the
// bytes must outlive it. Any thread. Throws Error{BadInput} naming the file.
#pragma once

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace depthscope::io {

/// The little-endian number in these at most eight bytes.
[[nodiscard]] constexpr std::uint64_t littleEndian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

class ByteCursor {
public:
    ByteCursor(std::string_view bytes, std::string file)
        : m_bytes(bytes)
        , m_file(std::move(file)) {}

    [[nodiscard]] const std::string& file() const { return m_file; }

    std::string_view take(std::uint64_t count) {
        if (count > m_bytes.size() - m_at) {
            endedEarly();
        }
        m_at += count;
        return m_bytes.substr(m_at - count, count);
    }

    /// Up to the next line end, which is skipped.
    std::string_view takeLine() {
        const std::size_t end = m_bytes.find('\n', m_at);
        if (end == std::string_view::npos) {
            endedEarly();
        }
        const std::string_view line = m_bytes.substr(m_at, end - m_at);
        m_at = end + 1;
        return line;
    }

    std::uint64_t takeNumber(std::size_t width) { return littleEndian(take(width)); }

private:
    [[noreturn]] void endedEarly() const {
        throw Error(ErrorCode::BadInput, fmt::format("{}: the file is cut off", m_file),
                    "The file is damaged or incomplete; download it again.");
    }

    std::string_view m_bytes;
    std::string m_file;
    std::size_t m_at = 0;
};

} // namespace depthscope::io
