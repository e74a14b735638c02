// SPDX-License-Identifier: MIT
#include "engine/io/zip_reader.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/io/byte_cursor.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

namespace depthscope::io {

namespace {

constexpr std::uint64_t kMaximumDirectory = 64U << 20U;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocatorBytes = 20;
constexpr std::uint64_t kEnd64Bytes = 56;
constexpr std::uint64_t kEntryBytes = 46;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kIn64 = 0xffffffff; // the real number stands in a zip64 record

/// The offset is checked by the caller.
std::uint64_t numberAt(std::string_view bytes, std::size_t at, std::size_t width) {
    return littleEndian(bytes.substr(at, width));
}

class Directory {
public:
    explicit Directory(const std::filesystem::path& file)
        : m_file(file)
        , m_stream(file, std::ios::binary) {
        std::error_code error;
        m_size = std::filesystem::file_size(file, error);
        if (!m_stream || error) {
            throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be opened", file.string()),
                        "Check that the file exists and is readable.");
        }
    }

    std::map<std::string, ZipMember> read();

private:
    struct Extent {
        std::uint64_t begin = 0;
        std::uint64_t bytes = 0;
        std::uint64_t count = 0;
    };

    [[noreturn]] void reject(const std::string& what) const {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", m_file.string(), what),
                    "The file is damaged or incomplete; download it again.");
    }

    std::string bytes(std::uint64_t begin, std::uint64_t count);
    Extent extent();
    Extent extent64(std::uint64_t endRecord, const Extent& small);
    void addMember(std::string_view entry, std::string_view extra, const std::string& name);

    std::filesystem::path m_file;
    std::ifstream m_stream;
    std::uint64_t m_size = 0;
    std::map<std::string, ZipMember> m_members;
};

std::string Directory::bytes(std::uint64_t begin, std::uint64_t count) {
    if (count > m_size || begin > m_size - count) {
        reject("the zip directory points outside the file");
    }
    std::string result(count, '\0');
    m_stream.clear();
    m_stream.seekg(static_cast<std::streamoff>(begin));
    m_stream.read(result.data(), static_cast<std::streamsize>(count));
    if (!m_stream) {
        reject("the file ended early");
    }
    return result;
}

/// The end record stands last, before a comment of at most 64 KiB.
Directory::Extent Directory::extent() {
    constexpr std::uint64_t kMaximumComment = 0xffff;
    if (m_size < kEndBytes) {
        reject("too short for a zip archive");
    }
    const std::uint64_t tailBytes = std::min(m_size, kEndBytes + kMaximumComment);
    const std::string tail = bytes(m_size - tailBytes, tailBytes);
    const std::size_t at = tail.rfind("PK\x05\x06", tail.size() - kEndBytes);
    if (at == std::string::npos) {
        reject("no zip directory: the archive is cut off");
    }
    const Extent small{.begin = numberAt(tail, at + 16, 4),
                       .bytes = numberAt(tail, at + 12, 4),
                       .count = numberAt(tail, at + 10, 2)};
    return extent64(m_size - tailBytes + at, small);
}

Directory::Extent Directory::extent64(std::uint64_t endRecord, const Extent& small) {
    if (endRecord < kLocatorBytes) {
        return small;
    }
    const std::string locator = bytes(endRecord - kLocatorBytes, kLocatorBytes);
    if (!locator.starts_with("PK\x06\x07")) {
        return small;
    }
    const std::string record = bytes(numberAt(locator, 8, 8), kEnd64Bytes);
    if (!record.starts_with("PK\x06\x06")) {
        reject("the zip64 record is damaged");
    }
    return {.begin = numberAt(record, 48, 8),
            .bytes = numberAt(record, 40, 8),
            .count = numberAt(record, 32, 8)};
}

std::map<std::string, ZipMember> Directory::read() {
    const Extent where = extent();
    if (where.bytes > kMaximumDirectory) {
        reject("the zip directory is too large");
    }
    const std::string directory = bytes(where.begin, where.bytes);
    const std::string_view all = directory;
    std::size_t at = 0;
    for (std::uint64_t i = 0; i < where.count; ++i) {
        if (all.size() - at < kEntryBytes || all.substr(at, 4) != "PK\x01\x02") {
            reject("the zip directory is damaged");
        }
        const std::string_view entry = all.substr(at, kEntryBytes);
        const std::size_t nameBytes = numberAt(entry, 28, 2);
        const std::size_t extraBytes = numberAt(entry, 30, 2);
        const std::size_t total = kEntryBytes + nameBytes + extraBytes + numberAt(entry, 32, 2);
        if (all.size() - at < total) {
            reject("the zip directory is damaged");
        }
        addMember(entry, all.substr(at + kEntryBytes + nameBytes, extraBytes),
                  std::string(all.substr(at + kEntryBytes, nameBytes)));
        at += total;
    }
    return std::move(m_members);
}

void Directory::addMember(std::string_view entry, std::string_view extra, const std::string& name) {
    constexpr std::uint64_t kEncrypted = 1;
    if ((numberAt(entry, 8, 2) & kEncrypted) != 0 || numberAt(entry, 10, 2) != 0) {
        reject(
            fmt::format("member {} is compressed or encrypted, which torch.save never does", name));
    }
    std::uint64_t packed = numberAt(entry, 20, 4);
    std::uint64_t size = numberAt(entry, 24, 4);
    std::uint64_t local = numberAt(entry, 42, 4);
    for (std::size_t at = 0; at + 4 <= extra.size();) {
        const std::size_t bytes = numberAt(extra, at + 2, 2);
        const bool is64 = numberAt(extra, at, 2) == 1;
        at += 4;
        if (bytes > extra.size() - at) {
            break;
        }
        std::size_t field = at;
        // Only the numbers that did not fit stand there, in this order.
        for (std::uint64_t* number : {&size, &packed, &local}) {
            if (is64 && *number == kIn64 && field + 8 <= at + bytes) {
                *number = numberAt(extra, field, 8);
                field += 8;
            }
        }
        at += bytes;
    }
    const std::string header = bytes(local, kLocalBytes);
    if (!header.starts_with("PK\x03\x04") || packed != size) {
        reject(fmt::format("member {} is damaged", name));
    }
    const std::uint64_t begin =
        local + kLocalBytes + numberAt(header, 26, 2) + numberAt(header, 28, 2);
    if (begin > m_size || size > m_size - begin) {
        reject(fmt::format("member {} extends past the end of the file", name));
    }
    if (!m_members.emplace(name, ZipMember{begin, begin + size}).second) {
        reject(fmt::format("two members are named {}", name));
    }
}

} // namespace

std::map<std::string, ZipMember> readZip(const std::filesystem::path& file) {
    return Directory(file).read();
}

bool isZip(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string start(4, '\0');
    stream.read(start.data(), 4);
    return stream && start == "PK\x03\x04";
}

} // namespace depthscope::io
