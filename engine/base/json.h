// SPDX-License-Identifier: MIT
// The reader of JSON that a stranger wrote: size and nesting are bounded before they cost memory,
// every access checks the type, and every complaint names the document and the path to the value.
// Const after loading; any thread. Throws Error{BadInput}.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace depthscope {

/// Containers inside containers that a document may have.
inline constexpr std::size_t kDeepestJson = 16;

/// Throws std::invalid_argument whose text says what is wrong, as the end of a sentence that begins
/// with the document.
[[nodiscard]] nlohmann::json parseJson(std::string_view text);

/// Why it is not JSON, as such an end: the first byte that does not fit, from 1.
[[nodiscard]] std::string notJsonAt(std::size_t byte);

/// Error{BadInput} of a whole document: `reason` ends a sentence that begins with its name.
[[noreturn]] void refuseDocument(const std::string& name, const std::string& reason);

/// One value of a document. Refers to value and document name, which must outlive it.
class JsonField {
public:
    JsonField(const nlohmann::json& value, const std::string& document, std::string path = {});

    [[nodiscard]] const nlohmann::json& value() const { return *m_value; }

    /// The document, and the path to this value in it.
    [[nodiscard]] std::string where() const;

    [[nodiscard]] bool isNull() const { return m_value->is_null(); }

    // a field of this object; a null counts as missing
    [[nodiscard]] bool has(const char* name) const;
    /// Throws where there is no such field.
    [[nodiscard]] JsonField at(const char* name) const;
    [[nodiscard]] std::optional<JsonField> find(const char* name) const;
    /// An object; an empty one where it is missing.
    [[nodiscard]] JsonField object(const char* name) const;
    [[nodiscard]] bool boolean(const char* name, bool fallback) const;
    [[nodiscard]] double number(const char* name, double fallback) const;
    [[nodiscard]] std::string string(const char* name, const std::string& fallback) const;
    /// The same for a field that holds one character.
    [[nodiscard]] std::string character(const char* name, const std::string& fallback) const;

    // what stands in this value, which is not an object
    [[nodiscard]] JsonField item(std::size_t index) const;
    [[nodiscard]] JsonField child(const nlohmann::json& value, const std::string& name) const;
    /// Number of items of this array; throws if it is not an array, or longer than `maximum`.
    [[nodiscard]] std::size_t arraySize(std::size_t maximum) const;
    [[nodiscard]] const std::string& string() const;
    [[nodiscard]] std::int64_t integer() const;
    [[nodiscard]] std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
    [[nodiscard]] std::uint64_t counter() const;
    [[nodiscard]] double number() const;
    [[nodiscard]] bool boolean() const;

    /// Without a hint: get the file again.
    [[noreturn]] void fail(const std::string& reason, const std::string& hint = {}) const;

private:
    const nlohmann::json* m_value;
    const std::string* m_document;
    std::string m_path; ///< "model.merges[3]"; empty: the whole document
};

/// A document in memory.
class JsonFile {
public:
    /// Refuses files above `maximumBytes` and Git LFS pointers.
    JsonFile(const std::filesystem::path& file, std::uintmax_t maximumBytes);
    /// The text of a document that is called `name` in messages.
    JsonFile(std::string_view text, std::string name);

    /// What another parser made of it.
    [[nodiscard]] static JsonFile parsed(nlohmann::json value, std::string name) {
        return {Parsed{}, std::move(value), std::move(name)};
    }

    JsonFile(const JsonFile&) = delete;
    JsonFile& operator=(const JsonFile&) = delete;

    [[nodiscard]] JsonField root() const { return {m_value, m_name}; }

private:
    struct Parsed {};

    JsonFile(Parsed, nlohmann::json value, std::string name)
        : m_name(std::move(name))
        , m_value(std::move(value)) {}

    std::string m_name;
    nlohmann::json m_value;
};

} // namespace depthscope
