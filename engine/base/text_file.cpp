// SPDX-License-Identifier: MIT
#include "engine/base/text_file.h"

#include "engine/base/error.h"
#include "engine/base/lfs_pointer.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace depthscope {

namespace {

constexpr std::uint64_t kLineSearch = 64 * 1024;
constexpr const char* kAgain = "Check the disk, or download the file again.";

/// In the order of preference: CR LF ends with the first.
constexpr std::string_view kLineEnds[] = {"\n", "\r", "\xe2\x80\xa8", "\xe2\x80\xa9"};

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t lastAfterLetter(std::string_view text, char wanted) {
    for (std::size_t at = text.size(); at-- > 1;) {
        if (text[at] == wanted && isLetter(text[at - 1])) {
            return at;
        }
    }
    return 0;
}

} // namespace

TextFile::TextFile(const std::filesystem::path& file)
    : m_name(file.string()) {
    // A pipe would block the engine thread for ever: O_NONBLOCK, then only regular files.
    m_descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (m_descriptor < 0) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: cannot be opened: {}", m_name, std::strerror(errno)),
                    "Check that the file exists and is readable.");
    }

    struct stat info {};

    if (::fstat(m_descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        ::close(m_descriptor);
        throw Error(ErrorCode::BadInput, fmt::format("{}: is not a regular file", m_name),
                    "Save its output to a file and use that file.");
    }
    m_size = static_cast<std::uint64_t>(info.st_size);
}

TextFile::~TextFile() {
    ::close(m_descriptor);
}

void TextFile::checkSize() const {
    struct stat info {};

    if (::fstat(m_descriptor, &info) != 0 || static_cast<std::uint64_t>(info.st_size) != m_size) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: changed size while being read", m_name),
                    "Try again once nothing is writing to it.");
    }
}

std::string TextFile::read(std::uint64_t offset, std::uint64_t count) const {
    checkSize();
    if (offset > m_size || count > m_size - offset) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: ends before byte {}", m_name, offset + count), kAgain);
    }
    std::string bytes(count, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::pread(m_descriptor, bytes.data() + done, bytes.size() - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{}: cannot be read: {}", m_name, std::strerror(errno)),
                        kAgain);
        }
        if (got == 0) {
            checkSize();
            throw Error(ErrorCode::BadInput, fmt::format("{}: unexpected end of file", m_name),
                        kAgain);
        }
        done += static_cast<std::size_t>(got);
    }
    checkSize();
    return bytes;
}

void TextFile::forEachPiece(std::uint64_t begin,
                            std::uint64_t end,
                            std::size_t pieceBytes,
                            const std::function<void(std::string_view)>& use) const {
    while (begin < end) {
        const std::string piece = read(begin, std::min<std::uint64_t>(pieceBytes, end - begin));
        const std::size_t cut = begin + piece.size() == end ? piece.size() : textCut(piece);
        use(std::string_view(piece).substr(0, cut));
        begin += cut;
    }
    checkSize();
}

std::uint64_t TextFile::partStart(std::uint64_t offset) const {
    if (offset == 0 || offset >= m_size) {
        return std::min(offset, m_size);
    }
    const std::string text = read(offset - 1, std::min(kLineSearch, m_size - offset + 1));
    for (const std::string_view end : kLineEnds) {
        if (const std::size_t at = text.find(end); at != std::string::npos) {
            return offset - 1 + at + end.size();
        }
    }
    std::size_t at = 1;
    while (at < text.size() && isContinuation(text[at])) {
        ++at;
    }
    return offset - 1 + at;
}

void TextFile::requireUtf8() const {
    constexpr std::uint64_t kStart = 4096;
    const std::string start = read(0, std::min(m_size, kStart));
    const bool marked = start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF");
    // Without a mark: every other byte of most texts is 0.
    std::size_t zeros[2] = {0, 0};
    for (std::size_t at = 0; at < start.size(); ++at) {
        zeros[at % 2] += start[at] == '\0' ? 1 : 0;
    }
    const std::size_t pairs = start.size() / 2;
    const std::size_t most = std::max(zeros[0], zeros[1]);
    const bool paired = pairs > 8 && most > pairs / 2 && std::min(zeros[0], zeros[1]) < pairs / 8;
    if (marked || paired) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: UTF-16 text is not supported", m_name),
                    "Save it as UTF-8, for example with: iconv -f UTF-16 -t UTF-8 FILE > NEW");
    }
}

std::string readWhole(const std::filesystem::path& file, std::uint64_t maximumBytes) {
    const TextFile text(file);
    refuseLfsPointer(file);
    if (text.size() > maximumBytes) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: {} bytes exceeds the limit of {} for this type of file",
                                text.name(), text.size(), maximumBytes),
                    "The file is damaged or not of the expected type; download it again.");
    }
    return text.read(0, text.size());
}

std::size_t lastLineEnd(std::string_view text) {
    for (const std::string_view end : kLineEnds) {
        if (const std::size_t at = text.rfind(end); at != std::string_view::npos) {
            return at + end.size();
        }
    }
    return 0;
}

std::size_t textCut(std::string_view text) {
    for (const char wanted : {'\n', ' '}) {
        if (const std::size_t at = lastAfterLetter(text, wanted)) {
            return at;
        }
    }
    // A character that the end cuts off has at most three of its bytes here.
    for (std::size_t back = 1; back <= 3 && back < text.size(); ++back) {
        const std::size_t at = text.size() - back;
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0xc0) {
            return utf8Length(text, at) == 0 ? at : text.size();
        }
    }
    return text.size();
}

} // namespace depthscope
