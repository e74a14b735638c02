// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/io/byte_cursor.h"
#include "engine/io/safetensors_dtypes.h"
#include "engine/io/weight_index.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <tuple>
#include <utility>

namespace depthscope::io {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxDimensions = 8;
constexpr int kMaxDepth = 4;

const char* kDamagedHint =
    "The file is damaged or incomplete; get it again from where it came from.";

[[noreturn]] void reject(const std::filesystem::path& path, const std::string& what) {
    throw Error(ErrorCode::BadInput, path.string() + ": " + what, kDamagedHint);
}

TensorEntry
parseEntry(const std::filesystem::path& path, const std::string& name, const json& value) {
    const auto bad = [&](const std::string& what) { reject(path, "tensor " + name + ": " + what); };
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets")) {
        bad("dtype, shape or data_offsets is missing");
    }
    TensorEntry entry;
    const std::string dtype = value["dtype"].is_string() ? value["dtype"].get<std::string>() : "";
    const auto* known = std::find_if(kSafetensorsDtypes.begin(), kSafetensorsDtypes.end(),
                                     [&](const SafetensorsDtype& d) { return dtype == d.name; });
    if (known == kSafetensorsDtypes.end()) {
        bad("dtype \"" + dtype + "\" is not supported (F32, F16, BF16, F64 and integers are)");
    }
    entry.dtype = known->dtype;
    const json& shape = value["shape"];
    const json& offsets = value["data_offsets"];
    if (!shape.is_array() || shape.size() > kMaxDimensions || !offsets.is_array() ||
        offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
        bad("shape or data_offsets has the wrong form");
    }
    std::uint64_t bytes = c10::elementSize(entry.dtype);
    std::uint64_t reach = bytes; // no stride may overflow either, where a size is 0
    for (const json& dimension : shape) {
        if (!dimension.is_number_unsigned()) {
            bad("shape holds something other than sizes");
        }
        const auto size = dimension.get<std::uint64_t>();
        if (size > std::uint64_t{1} << 40U ||
            __builtin_mul_overflow(reach, std::max<std::uint64_t>(size, 1), &reach) ||
            reach > INT64_MAX) {
            bad("shape is absurdly large");
        }
        bytes *= size;
        entry.shape.push_back(static_cast<std::int64_t>(size));
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
        bad("data_offsets do not match shape and dtype (" + std::to_string(bytes) + " bytes)");
    }
    return entry;
}

json parseJson(const std::filesystem::path& path, const std::string& header) {
    const auto bound = [&](int depth, json::parse_event_t, json&) {
        if (depth > kMaxDepth) {
            reject(path, "the header is nested too deeply");
        }
        return true;
    };
    json root = json::parse(header, bound, false);
    if (!root.is_object()) {
        reject(path, "the header is not a JSON object");
    }
    return root;
}

void checkOverlaps(const WeightIndex& index) {
    // By end too: an empty tensor comes before the one that begins where it lies.
    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::string>> order;
    for (const auto& [name, entry] : index.entries) {
        order.emplace_back(entry.begin, entry.end, name);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t i = 1; i < order.size(); ++i) {
        const auto& [before, end, first] = order[i - 1];
        const auto& [begin, last, second] = order[i];
        if (end > begin) {
            reject(index.path,
                   std::string("tensors ").append(first) + " and " + second + " overlap");
        }
    }
}

void parseHeader(WeightIndex& index,
                 const std::string& header,
                 std::uint64_t dataBegin,
                 std::uint64_t fileSize) {
    const json root = parseJson(index.path, header);
    for (const auto& [name, value] : root.items()) {
        if (name == "__metadata__") {
            for (const auto& [key, text] : value.items()) {
                index.metadata[key] = text.is_string() ? text.get<std::string>() : text.dump();
            }
            continue;
        }
        TensorEntry entry = parseEntry(index.path, name, value);
        if (entry.end > fileSize - dataBegin) {
            reject(index.path, "tensor " + name + ": its data ends at byte " +
                                   std::to_string(entry.end) + " of the " +
                                   std::to_string(fileSize - dataBegin) + " that the file holds");
        }
        entry.begin += dataBegin;
        entry.end += dataBegin;
        index.entries.emplace(name, std::move(entry));
    }
    checkOverlaps(index);
}

} // namespace

WeightIndex readSafetensorsIndex(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::error_code fault;
    const std::uint64_t fileSize = std::filesystem::file_size(file, fault);
    if (!stream || fault) {
        throw Error(ErrorCode::BadInput, file.string() + ": cannot be opened",
                    "Check that the file exists and that you may read it.");
    }
    std::array<char, 8> lengthBytes{};
    stream.read(lengthBytes.data(), lengthBytes.size());
    if (!stream) {
        reject(file, "too short for a safetensors file");
    }
    const std::uint64_t headerBytes = littleEndian({lengthBytes.data(), lengthBytes.size()});
    if (headerBytes > kMaxHeaderBytes || headerBytes > fileSize - lengthBytes.size()) {
        reject(file,
               "the header claims " + std::to_string(headerBytes) + " bytes, more than there are");
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
