// SPDX-License-Identifier: MIT
// Where the tensors of a model are stored: what the formats (safetensors, its shards, torch.save)
// have in common once their headers are read. A plain value, checked against the file sizes before
// anything is allocated. Any thread. Reading throws Error{BadInput} naming file, tensor and reason.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace depthscope::io {

struct TensorEntry {
    at::ScalarType dtype = at::ScalarType::Float;
    /// What it is if it cannot be read ("F8_E4M3", "sparse tensor"): an error only if it is needed.
    /// Otherwise empty.
    std::string unreadable;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; ///< in elements; empty: contiguous rows
    std::uint64_t begin = 0;           ///< bytes of the file from the first element to the last
    std::uint64_t end = 0;
    std::uint32_t file = 0; ///< of WeightIndex::files

    /// Equal entries are one tensor under two names.
    [[nodiscard]] bool operator==(const TensorEntry&) const = default;
};

struct WeightIndex {
    std::filesystem::path path; ///< what was opened, for messages
    std::vector<std::filesystem::path> files;
    std::map<std::string, TensorEntry> entries;
    std::map<std::string, std::string> metadata;
};

/// Finds a model folder's weights: model.safetensors, pytorch_model.bin, the index files of their
/// shards, or one .pt file.
[[nodiscard]] WeightIndex findWeights(const std::filesystem::path& folder);

/// The header of one .safetensors file.
[[nodiscard]] WeightIndex readSafetensorsIndex(const std::filesystem::path& file);

/// A *.index.json and the shards it names, which must hold exactly what it says.
[[nodiscard]] WeightIndex readShardIndex(const std::filesystem::path& file);

/// A state dictionary as torch.save writes it (zip archive, version 1.6 and later). Its pickle is
/// interpreted, never executed: tensors and plain containers, nothing else.
[[nodiscard]] WeightIndex readTorchArchive(const std::filesystem::path& file);

} // namespace depthscope::io
