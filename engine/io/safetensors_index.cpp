// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/lfs_pointer.h"
#include "engine/base/text.h"
#include "engine/io/byte_cursor.h"
#include "engine/io/safetensors_dtypes.h"
#include "engine/io/weight_index.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace depthscope::io {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
/// A tensor that is needed has those that config.json asks for.
constexpr std::size_t kMaxDimensions = 1024;

const char* kDamagedHint = "The file is damaged or incomplete; download it again.";

[[noreturn]] void reject(const std::filesystem::path& path, const std::string& what) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", path.string(), what), kDamagedHint);
}

/// Sets the entry's type; returns its bits an element, 0 for a type that the format does not have.
std::uint64_t readDtype(const std::string& name, TensorEntry& entry) {
    const auto* known = std::ranges::find(kSafetensorsDtypes, name, &SafetensorsDtype::name);
    if (known != kSafetensorsDtypes.end()) {
        entry.dtype = known->dtype;
        return c10::elementSize(entry.dtype) * 8;
    }
    const auto* other = std::ranges::find(kUnreadableDtypes, name, &UnreadableDtype::name);
    if (other == kUnreadableDtypes.end()) {
        return 0;
    }
    entry.unreadable = name;
    return other->bits;
}

TensorEntry
parseEntry(const std::filesystem::path& path, const std::string& name, const json& value) {
    const auto bad = [&](const std::string& what) {
        reject(path, fmt::format("tensor {}: {}", name, what));
    };
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets")) {
        bad("dtype, shape or data_offsets is missing");
    }
    TensorEntry entry;
    const std::string dtype = value["dtype"].is_string() ? value["dtype"].get<std::string>() : "";
    std::uint64_t bits = readDtype(dtype, entry);
    if (bits == 0) {
        bad(fmt::format("\"{}\" is not a safetensors dtype", dtype));
    }
    const json& shape = value["shape"];
    const json& offsets = value["data_offsets"];
    if (!shape.is_array() || shape.size() > kMaxDimensions || !offsets.is_array() ||
        offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
        bad("shape or data_offsets is malformed");
    }
    std::uint64_t reach = bits; // no stride may overflow either, where a size is 0
    for (const json& dimension : shape) {
        if (!dimension.is_number_unsigned()) {
            bad("shape must be a list of sizes");
        }
        const auto size = dimension.get<std::uint64_t>();
        if (size > std::uint64_t{1} << 40U ||
            __builtin_mul_overflow(reach, std::max<std::uint64_t>(size, 1), &reach) ||
            reach > INT64_MAX) {
            bad("shape is too large");
        }
        bits *= size;
        entry.shape.push_back(static_cast<std::int64_t>(size));
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.end < entry.begin || bits % 8 != 0 || entry.end - entry.begin != bits / 8) {
        bad(fmt::format("data_offsets do not match shape and dtype ({} bytes)", bits / 8));
    }
    return entry;
}

json parseJsonHeader(const std::filesystem::path& path, const std::string& header) {
    // The parser would pass over a byte order mark and end at a zero.
    const std::size_t first = header.find_first_not_of(" \t\r\n");
    const std::size_t last = header.find_last_not_of(" \t\r\n");
    const bool braced = first != std::string::npos && header[first] == '{' && header[last] == '}';
    try {
        json root = braced ? depthscope::parseJson(header) : json();
        if (!root.is_object()) {
            throw std::invalid_argument("is not a JSON object");
        }
        return root;
    } catch (const std::invalid_argument& error) {
        reject(path, std::string("the header ") + error.what());
    }
}

/// Every byte behind the header belongs to one tensor, as the safetensors library asks for: what
/// hides between them could be anything.
void checkCoverage(const WeightIndex& index, std::uint64_t dataBegin, std::uint64_t fileSize) {
    // By end too: an empty tensor comes before the one that begins where it lies.
    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::string>> order;
    for (const auto& [name, entry] : index.entries) {
        order.emplace_back(entry.begin, entry.end, name);
    }
    std::sort(order.begin(), order.end());
    std::uint64_t at = dataBegin;
    std::string before;
    for (const auto& [begin, end, name] : order) {
        if (begin < at) {
            reject(index.path, fmt::format("tensors {} and {} overlap", before, name));
        }
        if (begin > at) {
            reject(index.path, fmt::format("the {} bytes before tensor {} belong to no tensor",
                                           begin - at, name));
        }
        at = end;
        before = name;
    }
    if (at != fileSize) {
        reject(index.path, fmt::format("the {} bytes after the last tensor belong to no tensor",
                                       fileSize - at));
    }
}

void readMetadata(WeightIndex& index, const json& value) {
    if (value.is_null()) {
        return;
    }
    if (!value.is_object()) {
        reject(index.path, "__metadata__ must be an object of strings");
    }
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) {
            reject(index.path, fmt::format("__metadata__.{} must be a string", key));
        }
        index.metadata[key] = text.get<std::string>();
    }
}

void parseHeader(WeightIndex& index,
                 const std::string& header,
                 std::uint64_t dataBegin,
                 std::uint64_t fileSize) {
    const json root = parseJsonHeader(index.path, header);
    for (const auto& [name, value] : root.items()) {
        if (name == "__metadata__") {
            readMetadata(index, value);
            continue;
        }
        TensorEntry entry = parseEntry(index.path, name, value);
        if (entry.end > fileSize - dataBegin) {
            reject(index.path,
                   fmt::format("tensor {}: its data ends at byte {} of the {} that the file holds",
                               name, entry.end, fileSize - dataBegin));
        }
        entry.begin += dataBegin;
        entry.end += dataBegin;
        index.entries.emplace(name, std::move(entry));
    }
    checkCoverage(index, dataBegin, fileSize);
}

} // namespace

WeightIndex readSafetensorsIndex(const std::filesystem::path& file) {
    refuseLfsPointer(file);
    std::ifstream stream(file, std::ios::binary);
    std::error_code error;
    const std::uint64_t fileSize = std::filesystem::file_size(file, error);
    if (!stream || error) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: cannot be opened", file.string()),
                    "Check that the file exists and is readable.");
    }
    std::array<char, 8> lengthBytes{};
    stream.read(lengthBytes.data(), lengthBytes.size());
    if (!stream) {
        reject(file, "too short for a safetensors file");
    }
    const std::uint64_t headerBytes = littleEndian({lengthBytes.data(), lengthBytes.size()});
    if (headerBytes > kMaxHeaderBytes || headerBytes > fileSize - lengthBytes.size()) {
        reject(file, fmt::format("the header claims {} bytes, more than there are", headerBytes));
    }
    std::string header(headerBytes, '\0');
    stream.read(header.data(), static_cast<std::streamsize>(headerBytes));
    if (!stream) {
        reject(file, "the header is cut off");
    }
    WeightIndex index{.path = file, .files = {file}, .entries = {}, .metadata = {}};
    parseHeader(index, header, lengthBytes.size() + headerBytes, fileSize);
    return index;
}

} // namespace depthscope::io
