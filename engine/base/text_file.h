// SPDX-License-Identifier: MIT
// A file read in chunks of bounded size: text of any size needs only the memory of one chunk. Owned
// by its reader, one thread at a time. Throws Error{BadInput} naming the file, also if it changes
// size while being read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace depthscope {

class TextFile {
public:
    explicit TextFile(const std::filesystem::path& file);
    ~TextFile();
    TextFile(const TextFile&) = delete;
    TextFile& operator=(const TextFile&) = delete;

    [[nodiscard]] const std::string& name() const { return m_name; }

    [[nodiscard]] std::uint64_t size() const { return m_size; }

    /// Exactly these bytes; [offset, offset + count) must lie inside the file.
    [[nodiscard]] std::string read(std::uint64_t offset, std::uint64_t count) const;

    /// Calls `use` with the bytes of [begin, end) in pieces of at most `pieceBytes`, cut by
    /// textCut.
    void forEachPiece(std::uint64_t begin,
                      std::uint64_t end,
                      std::size_t pieceBytes,
                      const std::function<void(std::string_view)>& use) const;

    /// First position at or after `offset` where the text can be split: after the first line feed
    /// within 64 KiB, else after another line end there (CR, U+2028, U+2029), else at the first
    /// character boundary.
    [[nodiscard]] std::uint64_t partStart(std::uint64_t offset) const;

    /// Throws Error{BadInput} naming the file if it is UTF-16 or UTF-32, which would be read byte
    /// by byte.
    void requireUtf8() const;

private:
    void checkSize() const;

    std::string m_name;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

/// All bytes of a file. Throws Error{BadInput} naming it if it is a Git LFS pointer or larger than
/// `maximumBytes`, before memory is allocated.
[[nodiscard]] std::string readWhole(const std::filesystem::path& file, std::uint64_t maximumBytes);

/// Position after the last line end of a text (line feed, else CR, U+2028, U+2029); 0 without one.
[[nodiscard]] std::size_t lastLineEnd(std::string_view text);

/// Where a text may be cut so that its halves encode like the whole: before the last line end that
/// follows an ASCII letter (no pre-tokenizer joins the two), else before the last space after a
/// letter, else between characters. Never 0 for non-empty text.
[[nodiscard]] std::size_t textCut(std::string_view text);

} // namespace depthscope
