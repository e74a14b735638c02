// SPDX-License-Identifier: MIT
// A file that is replaced atomically: written next to its target, synced, then renamed. Any thread,
// one owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace depthscope {

/// Write, then commit. Without commit the target stays unchanged and the temporary file is removed.
/// Every method throws Error naming the target: OutOfMemory for a full disk, BadInput for an
/// unwritable location.
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t bytes);

    void write(std::string_view text) { write(text.data(), text.size()); }

    /// Leaves the place where write() continues as it is.
    void writeAt(std::uint64_t offset, const void* data, std::size_t bytes);

    /// Of what was written so far; less than `bytes` at its end.
    [[nodiscard]] std::size_t readAt(std::uint64_t offset, void* data, std::size_t bytes) const;

    void commit();

private:
    std::filesystem::path m_target;
    std::filesystem::path m_temporary;
    int m_descriptor = -1;
};

/// The file that a new one may replace: the target of a symbolic link, so that the link is kept.
/// Throws Error{BadInput} for a folder or a device.
[[nodiscard]] std::filesystem::path replaceableTarget(std::filesystem::path target);

/// Creates a folder and its parents, unless it exists. Throws Error{BadInput}.
void makeFolder(const std::filesystem::path& folder);

} // namespace depthscope
