// SPDX-License-Identifier: MIT
#include "engine/io/weight_reader.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <ATen/ops/as_strided.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <utility>

namespace depthscope::io {

namespace {

constexpr std::int64_t kPieceElements = 256 * 1024;

std::int64_t elementsOf(const TensorEntry& entry) {
    std::int64_t count = 1;
    for (const std::int64_t size : entry.shape) {
        count *= size;
    }
    return count;
}

} // namespace

WeightReader::WeightReader(WeightIndex index)
    : m_index(std::move(index)) {}

const TensorEntry& WeightReader::entry(const std::string& name) const {
    const auto found = m_index.entries.find(name);
    if (found == m_index.entries.end()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: tensor {} is missing", path().string(), name),
                    "The file is damaged or incomplete; download it again.");
    }
    if (!found->second.unreadable.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: tensor {} is {}, which is not supported", path().string(),
                                name, found->second.unreadable),
                    "Convert the model to float32, float16 or bfloat16.");
    }
    return found->second;
}

void WeightReader::readBytes(const std::string& name,
                             const TensorEntry& entry,
                             std::uint64_t at,
                             at::Tensor& to) {
    const std::filesystem::path& file = m_index.files[entry.file];
    if (m_open != entry.file) {
        m_stream.close();
        m_stream.open(file, std::ios::binary);
        m_open = entry.file;
    }
    m_stream.clear();
    m_stream.seekg(static_cast<std::streamoff>(at));
    m_stream.read(static_cast<char*>(to.data_ptr()), static_cast<std::streamsize>(to.nbytes()));
    if (!m_stream) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: tensor {}: the file ended early; it changed while being read",
                                file.string(), name),
                    "Download the file again.");
    }
}

void WeightReader::forEachPiece(const std::string& name, const TensorEntry& entry, const Use& use) {
    const std::int64_t count = elementsOf(entry);
    const std::uint64_t width = c10::elementSize(entry.dtype);
    if (!entry.strides.empty()) {
        // Rows do not follow one another: the whole stretch is needed at once.
        const auto span = static_cast<std::int64_t>((entry.end - entry.begin) / width);
        at::Tensor all = at::empty({span}, entry.dtype);
        readBytes(name, entry, entry.begin, all);
        use(0, at::as_strided(all, entry.shape, entry.strides).contiguous().view({-1}));
        return;
    }
    for (std::int64_t first = 0; first < count; first += kPieceElements) {
        at::Tensor piece = at::empty({std::min(kPieceElements, count - first)}, entry.dtype);
        readBytes(name, entry, entry.begin + static_cast<std::uint64_t>(first) * width, piece);
        if (!use(first, piece)) {
            return;
        }
    }
}

at::Tensor WeightReader::read(const std::string& name) {
    return read(name, entry(name).dtype);
}

at::Tensor WeightReader::read(const std::string& name, at::ScalarType dtype) {
    const TensorEntry& from = entry(name);
    at::Tensor tensor = at::empty(from.shape, dtype);
    if (tensor.numel() == 0) {
        return tensor;
    }
    if (dtype == from.dtype && from.strides.empty()) {
        readBytes(name, from, from.begin, tensor);
        return tensor;
    }
    at::Tensor flat = tensor.view({-1});
    forEachPiece(name, from, [&](std::int64_t first, const at::Tensor& piece) {
        flat.narrow(0, first, piece.numel()).copy_(piece);
        return true;
    });
    return tensor;
}

at::Tensor WeightReader::readStart(const std::string& name, std::int64_t count) {
    at::Tensor start = at::empty({0}, at::kFloat);
    forEachPiece(name, entry(name), [&](std::int64_t, const at::Tensor& piece) {
        start = piece.narrow(0, 0, std::min(count, piece.numel())).to(at::kFloat, false, true);
        return false;
    });
    return start;
}

bool WeightReader::equals(const std::string& name, const at::Tensor& tensor) {
    const TensorEntry& from = entry(name);
    if (!tensor.sizes().equals(from.shape)) {
        return false;
    }
    const at::Tensor flat = tensor.detach().reshape({-1});
    bool equal = true;
    forEachPiece(name, from, [&](std::int64_t first, const at::Tensor& piece) {
        const at::Tensor other = flat.narrow(0, first, piece.numel()).cpu();
        equal = at::equal(piece.to(other.scalar_type()), other);
        return equal;
    });
    return equal;
}

} // namespace depthscope::io
