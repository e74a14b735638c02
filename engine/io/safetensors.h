// SPDX-License-Identifier: MIT
// The safetensors container: a checked header and streamed tensor data. The file is hostile until
// checked: offsets, sizes, types and names are verified before memory is asked for. Engine thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace depthscope::io {

struct TensorEntry {
    at::ScalarType dtype = at::kFloat;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; ///< byte offsets from the start of the file
    std::uint64_t end = 0;
};

/// An opened file with its header read. Throws Error{BadInput} that names file, tensor and reason.
class SafetensorsReader {
public:
    explicit SafetensorsReader(std::filesystem::path path);

    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const { return m_entries; }

    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return m_metadata; }

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

    /// Reads one tensor into owned CPU memory in its own dtype.
    [[nodiscard]] at::Tensor read(const std::string& name);

private:
    void parseHeader(const std::string& header, std::uint64_t dataBegin, std::uint64_t fileSize);

    std::filesystem::path m_path;
    std::ifstream m_stream;
    std::map<std::string, TensorEntry> m_entries;
    std::map<std::string, std::string> m_metadata;
};

struct NamedTensor {
    std::string name;
    at::Tensor tensor;
};

/// Writes temporary file, fsync, rename: the target is the old file or the whole new one. Throws
/// Error{OutOfMemory} for a full disk and Error{BadInput} for an unwritable place, naming the file.
void writeSafetensors(const std::filesystem::path& path,
                      const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, std::string>& metadata = {});

} // namespace depthscope::io
