// SPDX-License-Identifier: MIT
// The directory of a zip archive whose members are stored as they are (torch.save writes such,
// with zip64 records). Nothing is unpacked: a member is a range of bytes. Any thread. Throws
// Error{BadInput} naming file and reason.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace depthscope::io {

struct ZipMember {
    std::uint64_t begin = 0; ///< byte offsets of its data in the file
    std::uint64_t end = 0;
};

/// Members by name. Compressed, encrypted and doubly named members are refused.
[[nodiscard]] std::map<std::string, ZipMember> readZip(const std::filesystem::path& file);

/// Whether the file begins like a zip archive.
[[nodiscard]] bool isZip(const std::filesystem::path& file);

} // namespace depthscope::io
