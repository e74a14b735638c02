// SPDX-License-Identifier: MIT
// A JSON object read from a hostile file: every access checks the type and names file and field.
// Any thread.
#pragma once

#include "engine/base/error.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace depthscope::io {

class JsonFile {
public:
    /// Reads the file. Throws Error{BadInput} if it is missing, over 64 MiB, or not a JSON object.
    explicit JsonFile(const std::filesystem::path& path);
    /// A part of another file, named `where` in messages.
    JsonFile(nlohmann::json object, std::string where);

    [[nodiscard]] bool has(const char* field) const {
        return m_object.contains(field) && !m_object[field].is_null();
    }

    [[nodiscard]] const nlohmann::json& raw() const { return m_object; }

    [[nodiscard]] const std::string& where() const { return m_where; }

    [[nodiscard]] std::int64_t integer(const char* field) const;
    [[nodiscard]] std::int64_t integer(const char* field, std::int64_t otherwise) const;
    [[nodiscard]] double number(const char* field, double otherwise) const;
    [[nodiscard]] bool boolean(const char* field, bool otherwise) const;
    [[nodiscard]] std::string text(const char* field, const std::string& otherwise) const;
    /// A nested object; an empty one where it is missing.
    [[nodiscard]] JsonFile object(const char* field) const;

    [[noreturn]] void
    reject(const char* field, const std::string& what, const std::string& hint) const;

private:
    nlohmann::json m_object;
    std::string m_where;
};

} // namespace depthscope::io
