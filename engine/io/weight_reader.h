// SPDX-License-Identifier: MIT
// Reads the tensors of a WeightIndex into owned memory in chunks: besides the result there is never
// more than one chunk. Engine thread; owns its open file. Throws Error{BadInput} naming file and
// tensor, Error{OutOfMemory}.
#pragma once

#include "engine/io/weight_index.h"

#include <ATen/core/Tensor.h>

#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace depthscope::io {

class WeightReader {
public:
    explicit WeightReader(WeightIndex index);

    [[nodiscard]] const std::map<std::string, TensorEntry>& entries() const {
        return m_index.entries;
    }

    [[nodiscard]] const std::map<std::string, std::string>& metadata() const {
        return m_index.metadata;
    }

    [[nodiscard]] const std::filesystem::path& path() const { return m_index.path; }

    /// On the CPU, contiguous, in the file's element type.
    [[nodiscard]] at::Tensor read(const std::string& name);
    /// The same in a different element type; converted in chunks.
    [[nodiscard]] at::Tensor read(const std::string& name, at::ScalarType dtype);
    /// The first `count` elements, or all where there are fewer, as float32.
    [[nodiscard]] at::Tensor readStart(const std::string& name, std::int64_t count);
    /// Whether read(name, tensor.dtype()) would give this tensor; read in chunks.
    [[nodiscard]] bool equals(const std::string& name, const at::Tensor& tensor);

private:
    /// Gets elements [first, first + piece.numel()) as they follow one another; false ends it.
    using Use = std::function<bool(std::int64_t first, const at::Tensor& piece)>;

    [[nodiscard]] const TensorEntry& entry(const std::string& name) const;
    void forEachPiece(const std::string& name, const TensorEntry& entry, const Use& use);
    void
    readBytes(const std::string& name, const TensorEntry& entry, std::uint64_t at, at::Tensor& to);

    WeightIndex m_index;
    std::ifstream m_stream;
    std::uint32_t m_open = UINT32_MAX; ///< number of the file that m_stream reads
};

} // namespace depthscope::io
