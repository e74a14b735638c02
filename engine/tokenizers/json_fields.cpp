// SPDX-License-Identifier: MIT
#include "engine/tokenizers/json_fields.h"

#include "engine/base/error.h"
#include "engine/base/text_file.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/json_tree.h"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <utility>

namespace depthscope::tokenizers {

using nlohmann::json;

namespace {

constexpr const char* kAgain =
    "The file is damaged or of another kind; get it again from where it came from.";

} // namespace

JsonField::JsonField(const json& value, const std::string& file, std::string path)
    : m_value(&value)
    , m_file(&file)
    , m_path(std::move(path)) {}

void JsonField::fail(const std::string& reason, const std::string& hint) const {
    const std::string field = m_path.empty() ? "the file" : "field " + m_path;
    throw Error(ErrorCode::BadInput, *m_file + ": " + field + " " + reason,
                hint.empty() ? kAgain : hint);
}

bool JsonField::isNull() const {
    return m_value->is_null();
}

JsonField JsonField::child(const json& value, const std::string& name) const {
    return {value, *m_file, m_path.empty() ? name : m_path + "." + name};
}

std::optional<JsonField> JsonField::find(const char* name) const {
    if (!m_value->is_object()) {
        fail("is not an object");
    }
    const auto found = m_value->find(name);
    if (found == m_value->end() || found->is_null()) {
        return std::nullopt;
    }
    return child(*found, name);
}

JsonField JsonField::at(const char* name) const {
    std::optional<JsonField> field = find(name);
    if (!field) {
        fail(std::string("has no field \"") + name + "\"");
    }
    return *std::move(field);
}

JsonField JsonField::item(std::size_t index) const {
    return {(*m_value)[index], *m_file, m_path + "[" + std::to_string(index) + "]"};
}

std::size_t JsonField::arraySize(std::size_t maximum) const {
    if (!m_value->is_array()) {
        fail("is not a list");
    }
    if (m_value->size() > maximum) {
        fail("has " + std::to_string(m_value->size()) + " items, more than " +
             std::to_string(maximum));
    }
    return m_value->size();
}

const std::string& JsonField::string() const {
    const auto* text = m_value->get_ptr<const std::string*>();
    if (text == nullptr) {
        fail("is not a text");
    }
    return *text;
}

std::int64_t JsonField::integer(std::int64_t minimum, std::int64_t maximum) const {
    if (!m_value->is_number_integer()) {
        fail("is not a whole number");
    }
    const bool huge = m_value->is_number_unsigned() && m_value->get<std::uint64_t>() > INT64_MAX;
    const std::int64_t number = huge ? INT64_MAX : m_value->get<std::int64_t>();
    if (number < minimum || number > maximum) {
        fail("is not between " + std::to_string(minimum) + " and " + std::to_string(maximum));
    }
    return number;
}

bool JsonField::boolean() const {
    if (!m_value->is_boolean()) {
        fail("is neither true nor false");
    }
    return m_value->get<bool>();
}

bool JsonField::boolean(const char* name, bool fallback) const {
    const std::optional<JsonField> field = find(name);
    return field ? field->boolean() : fallback;
}

std::string JsonField::string(const char* name, const std::string& fallback) const {
    const std::optional<JsonField> field = find(name);
    return field ? field->string() : fallback;
}

std::string JsonField::character(const char* name, const std::string& fallback) const {
    std::string text = string(name, fallback);
    if (text.empty() || utf8Length(text, 0) != text.size()) {
        at(name).fail("must be one character");
    }
    return text;
}

JsonFile::JsonFile(const std::filesystem::path& file,
                   std::uintmax_t maximumBytes,
                   JsonTables* tables)
    : JsonFile(readWhole(file, maximumBytes), file.string(), tables) {}

JsonFile::JsonFile(std::string_view text, std::string name, JsonTables* tables)
    : m_file(std::move(name)) {
    try {
        m_value = std::make_unique<json>(parseTree(text, tables));
    } catch (const std::invalid_argument& fault) {
        throw Error(ErrorCode::BadInput, m_file + ": " + fault.what(), kAgain);
    }
}

JsonFile::~JsonFile() = default;

JsonField JsonFile::root() const {
    return {*m_value, m_file, {}};
}

} // namespace depthscope::tokenizers
