// SPDX-License-Identifier: MIT
#include "engine/io/json_file.h"

#include "engine/base/lfs_pointer.h"

#include <fstream>
#include <utility>

namespace depthscope::io {

using nlohmann::json;

namespace {

constexpr std::uintmax_t kMaxBytes = 64U << 20U;

json readObject(const std::filesystem::path& path) {
    refuseLfsPointer(path);
    std::error_code fault;
    const std::uintmax_t bytes = std::filesystem::file_size(path, fault);
    std::ifstream stream(path, std::ios::binary);
    if (fault || !stream) {
        throw Error(
            ErrorCode::BadInput, path.string() + ": cannot be opened",
            "A model is a folder with config.json and model.safetensors; choose such a folder.");
    }
    if (bytes > kMaxBytes) {
        throw Error(ErrorCode::BadInput,
                    path.string() + ": " + std::to_string(bytes) +
                        " bytes is too large for a configuration",
                    "The file is of another kind; get it again from where the weights came from.");
    }
    json root = json::parse(stream, nullptr, false);
    if (!root.is_object()) {
        throw Error(ErrorCode::BadInput, path.string() + ": not a JSON object",
                    "The file is damaged or of another kind; get it again from where the weights "
                    "came from.");
    }
    return root;
}

} // namespace

JsonFile::JsonFile(const std::filesystem::path& path)
    : m_object(readObject(path))
    , m_where(path.string()) {}

JsonFile::JsonFile(json object, std::string where)
    : m_object(std::move(object))
    , m_where(std::move(where)) {}

void JsonFile::reject(const char* field, const std::string& what, const std::string& hint) const {
    throw Error(ErrorCode::BadInput, m_where + ": " + field + " " + what, hint);
}

std::int64_t JsonFile::integer(const char* field) const {
    if (!has(field)) {
        reject(field, "is missing",
               "The configuration is incomplete; get it again from where the weights came from.");
    }
    const json& value = m_object[field];
    if (!value.is_number_integer() ||
        (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
        reject(field, "is not a whole number", "Write a whole number.");
    }
    return value.get<std::int64_t>();
}

std::int64_t JsonFile::integer(const char* field, std::int64_t otherwise) const {
    return has(field) ? integer(field) : otherwise;
}

double JsonFile::number(const char* field, double otherwise) const {
    if (!has(field)) {
        return otherwise;
    }
    if (!m_object[field].is_number()) {
        reject(field, "is not a number", "Write a number.");
    }
    return m_object[field].get<double>();
}

bool JsonFile::boolean(const char* field, bool otherwise) const {
    if (!has(field)) {
        return otherwise;
    }
    if (!m_object[field].is_boolean()) {
        reject(field, "is neither true nor false", "Write true or false.");
    }
    return m_object[field].get<bool>();
}

std::string JsonFile::text(const char* field, const std::string& otherwise) const {
    if (!has(field)) {
        return otherwise;
    }
    if (!m_object[field].is_string()) {
        reject(field, "is not a text", "Write a text in quotes.");
    }
    return m_object[field].get<std::string>();
}

JsonFile JsonFile::object(const char* field) const {
    if (!has(field)) {
        return {json::object(), m_where + ": " + field};
    }
    if (!m_object[field].is_object()) {
        reject(field, "is not an object", "Write an object in braces.");
    }
    return {m_object[field], m_where + ": " + field};
}

} // namespace depthscope::io
