// SPDX-License-Identifier: MIT
#include "engine/io/safetensors.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"

#include <ATen/ops/empty.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace depthscope::io {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::size_t kMaxDimensions = 8;

struct DtypeName {
    const char* name;
    at::ScalarType dtype;
};

constexpr std::array<DtypeName, 9> kDtypes{{
    {"F64", at::kDouble},
    {"F32", at::kFloat},
    {"F16", at::kHalf},
    {"BF16", at::kBFloat16},
    {"I64", at::kLong},
    {"I32", at::kInt},
    {"I16", at::kShort},
    {"U8", at::kByte},
    {"BOOL", at::kBool},
}};

const char* kDamagedHint =
    "The file is damaged or incomplete; get it again from where it came from.";

[[noreturn]] void reject(const std::filesystem::path& path, const std::string& what) {
    throw Error(ErrorCode::BadInput, path.string() + ": " + what, kDamagedHint);
}

std::uint64_t littleEndian(const std::array<char, 8>& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = value << 8U | static_cast<unsigned char>(bytes[i]);
    }
    return value;
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
    const auto* known = std::find_if(kDtypes.begin(), kDtypes.end(),
                                     [&](const DtypeName& d) { return dtype == d.name; });
    if (known == kDtypes.end()) {
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
    for (const json& dimension : shape) {
        if (!dimension.is_number_unsigned()) {
            bad("shape holds something other than sizes");
        }
        const auto size = dimension.get<std::uint64_t>();
        std::uint64_t product = 0;
        if (size > std::uint64_t{1} << 40U || __builtin_mul_overflow(bytes, size, &product)) {
            bad("shape is absurdly large");
        }
        bytes = product;
        entry.shape.push_back(static_cast<std::int64_t>(size));
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
        bad("data_offsets do not match shape and dtype (" + std::to_string(bytes) + " bytes)");
    }
    return entry;
}

} // namespace

SafetensorsReader::SafetensorsReader(std::filesystem::path path)
    : m_path(std::move(path))
    , m_stream(m_path, std::ios::binary) {
    std::error_code fault;
    const std::uint64_t fileSize = std::filesystem::file_size(m_path, fault);
    if (!m_stream || fault) {
        throw Error(ErrorCode::BadInput, m_path.string() + ": cannot be opened",
                    "Check that the file exists and that you may read it.");
    }
    std::array<char, 8> lengthBytes{};
    m_stream.read(lengthBytes.data(), lengthBytes.size());
    if (!m_stream) {
        reject(m_path, "too short for a safetensors file");
    }
    const std::uint64_t headerBytes = littleEndian(lengthBytes);
    if (headerBytes > kMaxHeaderBytes || headerBytes > fileSize - lengthBytes.size()) {
        reject(m_path,
               "the header claims " + std::to_string(headerBytes) + " bytes, more than there are");
    }
    std::string header(headerBytes, '\0');
    m_stream.read(header.data(), static_cast<std::streamsize>(headerBytes));
    if (!m_stream) {
        reject(m_path, "the header is cut off");
    }
    parseHeader(header, lengthBytes.size() + headerBytes, fileSize);
}

void SafetensorsReader::parseHeader(const std::string& header,
                                    std::uint64_t dataBegin,
                                    std::uint64_t fileSize) {
    const json root = json::parse(header, nullptr, false);
    if (!root.is_object()) {
        reject(m_path, "the header is not a JSON object");
    }
    for (const auto& [name, value] : root.items()) {
        if (name == "__metadata__") {
            for (const auto& [key, text] : value.items()) {
                m_metadata[key] = text.is_string() ? text.get<std::string>() : text.dump();
            }
            continue;
        }
        TensorEntry entry = parseEntry(m_path, name, value);
        if (entry.end > fileSize - dataBegin) {
            reject(m_path, "tensor " + name + ": its data ends at byte " +
                               std::to_string(entry.end) + " of the " +
                               std::to_string(fileSize - dataBegin) + " that the file holds");
        }
        entry.begin += dataBegin;
        entry.end += dataBegin;
        m_entries.emplace(name, std::move(entry));
    }
    std::vector<std::pair<std::uint64_t, const std::string*>> order;
    for (const auto& [name, entry] : m_entries) {
        order.emplace_back(entry.begin, &name);
    }
    std::sort(order.begin(), order.end());
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (m_entries.at(*order[i - 1].second).end > order[i].first) {
            reject(m_path,
                   "tensors " + *order[i - 1].second + " and " + *order[i].second + " overlap");
        }
    }
}

at::Tensor SafetensorsReader::read(const std::string& name) {
    const auto found = m_entries.find(name);
    if (found == m_entries.end()) {
        reject(m_path, "tensor " + name + " is missing");
    }
    const TensorEntry& entry = found->second;
    at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(entry.dtype));
    m_stream.clear();
    m_stream.seekg(static_cast<std::streamoff>(entry.begin));
    m_stream.read(static_cast<char*>(tensor.data_ptr()),
                  static_cast<std::streamsize>(entry.end - entry.begin));
    if (!m_stream) {
        reject(m_path, "tensor " + name + ": the file ended early; it changed while it was read");
    }
    return tensor;
}

void writeSafetensors(const std::filesystem::path& path,
                      const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, std::string>& metadata) {
    json header = json::object();
    if (!metadata.empty()) {
        header["__metadata__"] = metadata;
    }
    std::uint64_t offset = 0;
    std::vector<at::Tensor> data;
    for (const NamedTensor& named : tensors) {
        data.push_back(named.tensor.detach().cpu().contiguous());
        const auto* known = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeName& d) {
            return data.back().scalar_type() == d.dtype;
        });
        if (known == kDtypes.end()) {
            throw Error(ErrorCode::Internal, "tensor " + named.name + ": dtype cannot be stored");
        }
        const std::uint64_t bytes = data.back().nbytes();
        header[named.name] = {{"dtype", known->name},
                              {"shape", data.back().sizes().vec()},
                              {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' '); // readers map the data: keep it aligned
    std::array<unsigned char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
        length[i] = static_cast<unsigned char>(text.size() >> (8 * i));
    }
    AtomicFile file(path);
    file.write(length.data(), length.size());
    file.write(text);
    for (const at::Tensor& tensor : data) {
        file.write(tensor.data_ptr(), tensor.nbytes());
    }
    file.commit();
}

} // namespace depthscope::io
