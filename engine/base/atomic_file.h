// SPDX-License-Identifier: MIT
// A file that appears whole or not at all: written beside its target, synced, renamed. Any thread,
// one owner.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace depthscope {

/// Write, then commit. Without commit the target stays as it was and the temporary file is removed.
/// Every method throws Error naming the target: OutOfMemory for a full disk, BadInput for a place
/// that cannot be written.
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t bytes);

    void write(std::string_view text) { write(text.data(), text.size()); }

    void commit();

private:
    std::filesystem::path m_target;
    std::filesystem::path m_temporary;
    int m_descriptor = -1;
};

/// The file that a new one may take the place of: what a symbolic link names, so that the link
/// stays. Throws Error{BadInput} where a folder or a device stands there.
[[nodiscard]] std::filesystem::path replaceableTarget(std::filesystem::path target);

/// Makes a folder and those above it; one that is there is left alone. Throws Error{BadInput}.
void makeFolder(const std::filesystem::path& folder);

} // namespace depthscope
