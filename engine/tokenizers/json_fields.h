// SPDX-License-Identifier: MIT
// Reads a hostile JSON file field by field; every complaint names the file and the field. A
// JsonField refers to its JsonFile, which must outlive it. Const after loading; any thread. Throws
// Error{BadInput}.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace depthscope::tokenizers {

class JsonField {
public:
    JsonField(const nlohmann::json& value, const std::string& file, std::string path);

    [[nodiscard]] const nlohmann::json& value() const { return *m_value; }

    [[nodiscard]] bool isNull() const;
    /// A field of this object; throws where this is no object or has no such field.
    [[nodiscard]] JsonField at(const char* name) const;
    /// The same; empty where the field is missing or null.
    [[nodiscard]] std::optional<JsonField> find(const char* name) const;
    [[nodiscard]] JsonField item(std::size_t index) const;
    [[nodiscard]] JsonField child(const nlohmann::json& value, const std::string& name) const;
    /// Number of items of this array; throws where it is none, or longer than `maximum`.
    [[nodiscard]] std::size_t arraySize(std::size_t maximum) const;
    [[nodiscard]] const std::string& string() const;
    [[nodiscard]] std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] bool boolean(const char* name, bool fallback) const;
    [[nodiscard]] std::string string(const char* name, const std::string& fallback) const;
    /// The same for a field that holds one character.
    [[nodiscard]] std::string character(const char* name, const std::string& fallback) const;

    [[noreturn]] void fail(const std::string& reason,
                           const std::string& hint = {}) const; ///< no hint: get it again

private:
    const nlohmann::json* m_value;
    const std::string* m_file;
    std::string m_path;
};

struct JsonTables;

class JsonFile {
public:
    /// Refuses files above `maximumBytes` and values nested deeper than 16 before they cost memory.
    /// With `tables`, what is large in a tokenizer.json goes there (engine/tokenizers/json_tree.h).
    JsonFile(const std::filesystem::path& file,
             std::uintmax_t maximumBytes,
             JsonTables* tables = nullptr);
    /// The text of a file that is called `name` in messages.
    JsonFile(std::string_view text, std::string name, JsonTables* tables = nullptr);
    ~JsonFile();
    JsonFile(const JsonFile&) = delete;
    JsonFile& operator=(const JsonFile&) = delete;

    [[nodiscard]] JsonField root() const;

private:
    std::string m_file;
    std::unique_ptr<nlohmann::json> m_value;
};

} // namespace depthscope::tokenizers
