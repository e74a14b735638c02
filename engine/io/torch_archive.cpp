// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/base/lfs_pointer.h"
#include "engine/base/text.h"
#include "engine/io/pickle_reader.h"
#include "engine/io/weight_index.h"
#include "engine/io/zip_reader.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

namespace depthscope::io {

namespace {

constexpr std::uint64_t kMaximumPickle = 64U << 20U;
/// Elements that no storage holds, of views that repeat what they show: of the whole archive.
constexpr std::uint64_t kMaximumRepeated = 1U << 27U;

[[noreturn]] void
reject(const std::filesystem::path& file,
       const std::string& what,
       const std::string& hint =
           "The file is damaged or not of the expected type; download it again.") {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", file.string(), what), hint);
}

/// torch.save wrote a bare pickle (or a tar) before version 1.6.
void requireZip(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        reject(file, "cannot be opened", "Check that the file exists and is readable.");
    }
    refuseLfsPointer(file);
    if (!isZip(file)) {
        reject(file,
               "not a zip archive as written by torch.save since version 1.6; older files are not "
               "supported",
               fmt::format("Convert it in Python with torch: import torch; w = torch.load(\"{}\", "
                           "map_location=\"cpu\"); torch.save(w, \"pytorch_model.bin\")",
                           file.filename().string()));
    }
}

std::string readMember(const std::filesystem::path& file, const ZipMember& member) {
    std::string bytes(member.end - member.begin, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(member.begin));
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream) {
        reject(file, "the file ended early; it changed while being read");
    }
    return bytes;
}

/// Elements from the first to the last one, that one included; 0 where there are none. A stride of
/// 0 shows one element many times. Empty where the shape is none, or absurdly large.
std::optional<std::uint64_t> spanOf(const PickledTensor& tensor, std::uint64_t most) {
    if (tensor.shape.size() != tensor.strides.size()) {
        return std::nullopt;
    }
    std::uint64_t span = 1;
    std::uint64_t elements = 1; // sizes of 0 count as 1: no other size may be absurd
    bool empty = false;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        if (tensor.shape[i] < 0 || tensor.strides[i] < 0) {
            return std::nullopt;
        }
        const auto size = static_cast<std::uint64_t>(tensor.shape[i]);
        const auto stride = static_cast<std::uint64_t>(tensor.strides[i]);
        std::uint64_t reach = 0;
        empty = empty || size == 0;
        if (__builtin_mul_overflow(elements, std::max<std::uint64_t>(size, 1), &elements) ||
            elements > most ||
            (size > 1 && (__builtin_mul_overflow(size - 1, stride, &reach) ||
                          __builtin_add_overflow(span, reach, &span)))) {
            return std::nullopt;
        }
    }
    return empty ? 0 : span;
}

bool isContiguous(const PickledTensor& tensor) {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        if (tensor.shape[i] != 1 && tensor.strides[i] != expected) {
            return false;
        }
        expected *= tensor.shape[i];
    }
    return true;
}

/// `repeated`: elements that no storage holds and that the archive may still ask for.
TensorEntry entryOf(const PickledTensor& tensor,
                    const ZipMember& member,
                    std::uint64_t& repeated,
                    const auto& bad) {
    TensorEntry entry;
    entry.dtype = tensor.dtype;
    const std::uint64_t width = c10::elementSize(entry.dtype);
    const std::uint64_t available = (member.end - member.begin) / width;
    if (tensor.storageElements < 0 ||
        static_cast<std::uint64_t>(tensor.storageElements) > available) {
        bad(fmt::format("its storage claims {} elements of the {} that the archive holds",
                        tensor.storageElements, available));
    }
    const std::optional<std::uint64_t> span = spanOf(tensor, std::max(available, repeated));
    const auto offset = static_cast<std::uint64_t>(tensor.offset);
    if (!span || tensor.offset < 0 || offset > available || *span > available - offset) {
        bad("shape, strides and offset reach outside its storage");
    }
    std::uint64_t elements = 1; // spanOf has found no overflow
    for (const std::int64_t size : tensor.shape) {
        elements *= static_cast<std::uint64_t>(size);
    }
    repeated -= std::min(repeated, elements - std::min(elements, available));
    entry.shape = tensor.shape;
    if (!isContiguous(tensor)) {
        entry.strides = tensor.strides;
    }
    entry.begin = member.begin + offset * width;
    entry.end = entry.begin + *span * width;
    return entry;
}

} // namespace

WeightIndex readTorchArchive(const std::filesystem::path& file) {
    requireZip(file);
    const std::map<std::string, ZipMember> members = readZip(file);
    // All members lie in one folder, named after the file as it was written.
    constexpr std::string_view kPickle = "data.pkl";
    std::string folder;
    const ZipMember* pickle = nullptr;
    for (const auto& [name, member] : members) {
        const std::size_t slash = name.find('/');
        if (slash != std::string::npos && name.substr(slash + 1) == kPickle) {
            pickle = &member;
            folder = name.substr(0, slash + 1);
        }
    }
    if (pickle == nullptr || pickle->end - pickle->begin > kMaximumPickle) {
        reject(file, "no data.pkl of valid size in the archive: not written by torch.save");
    }
    const auto order = members.find(folder + "byteorder");
    if (order != members.end() && readMember(file, order->second) != "little") {
        reject(file, "its data is not little-endian");
    }
    WeightIndex result{.path = file, .files = {file}, .entries = {}, .metadata = {}};
    std::uint64_t repeated = kMaximumRepeated;
    for (const auto& [name, tensor] :
         readPickledTensors(readMember(file, *pickle), file.string())) {
        const auto bad = [&file, &name = name](const std::string& what) {
            reject(file, fmt::format("tensor {}: {}", name, what));
        };
        if (!tensor.unreadable.empty()) {
            TensorEntry entry;
            entry.unreadable = tensor.unreadable;
            result.entries.emplace(name, std::move(entry));
            continue;
        }
        const auto data = members.find(folder + "data/" + tensor.storageKey);
        if (data == members.end()) {
            bad(fmt::format("its storage data/{} is missing", tensor.storageKey));
        }
        result.entries.emplace(name, entryOf(tensor, data->second, repeated, bad));
    }
    if (result.entries.empty()) {
        reject(file, "no tensors: it is not a state dictionary");
    }
    return result;
}

} // namespace depthscope::io
