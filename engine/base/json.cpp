// SPDX-License-Identifier: MIT
#include "engine/base/json.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/base/utf8.h"

#include <limits>
#include <stdexcept>
#include <utility>

namespace depthscope {

using nlohmann::json;

namespace {

constexpr const char* kAgain =
    "The file is damaged or not of the expected type; download it again.";

json parseOf(std::string_view text, const std::string& name) {
    try {
        return parseJson(text);
    } catch (const std::invalid_argument& error) {
        refuseDocument(name, error.what());
    }
}

} // namespace

void refuseDocument(const std::string& name, const std::string& reason) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", name, reason), kAgain);
}

std::string notJsonAt(std::size_t byte) {
    return fmt::format("is cut off or not valid JSON at byte {}", byte);
}

json parseJson(std::string_view text) {
    const auto bound = [](int depth, json::parse_event_t, json&) {
        if (depth > static_cast<int>(kDeepestJson)) {
            throw std::invalid_argument("is nested too deeply");
        }
        return true;
    };
    try {
        return json::parse(text.begin(), text.end(), bound);
    } catch (const json::parse_error& error) {
        throw std::invalid_argument(notJsonAt(error.byte));
    } catch (const json::exception&) { // a number that no double holds
        throw std::invalid_argument("is not valid JSON");
    }
}

JsonField::JsonField(const json& value, const std::string& document, std::string path)
    : m_value(&value)
    , m_document(&document)
    , m_path(std::move(path)) {}

std::string JsonField::where() const {
    return m_path.empty() ? *m_document : fmt::format("{}: {}", *m_document, m_path);
}

void JsonField::fail(const std::string& reason, const std::string& hint) const {
    throw Error(ErrorCode::BadInput, where() + (m_path.empty() ? ": " : " ") + reason,
                hint.empty() ? kAgain : hint);
}

JsonField JsonField::child(const json& value, const std::string& name) const {
    return {value, *m_document, m_path.empty() ? name : m_path + "." + name};
}

std::optional<JsonField> JsonField::find(const char* name) const {
    if (!m_value->is_object()) {
        fail("must be an object");
    }
    const auto found = m_value->find(name);
    if (found == m_value->end() || found->is_null()) {
        return std::nullopt;
    }
    return child(*found, name);
}

bool JsonField::has(const char* name) const {
    return find(name).has_value();
}

JsonField JsonField::at(const char* name) const {
    std::optional<JsonField> field = find(name);
    if (!field) {
        child(*m_value, name).fail("is missing");
    }
    return *std::move(field);
}

JsonField JsonField::object(const char* name) const {
    static const json kNothing = json::object();
    const std::optional<JsonField> field = find(name);
    if (!field) {
        return child(kNothing, name);
    }
    if (!field->value().is_object()) {
        field->fail("must be an object");
    }
    return *field;
}

bool JsonField::boolean(const char* name, bool fallback) const {
    const std::optional<JsonField> field = find(name);
    return field ? field->boolean() : fallback;
}

double JsonField::number(const char* name, double fallback) const {
    const std::optional<JsonField> field = find(name);
    return field ? field->number() : fallback;
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

JsonField JsonField::item(std::size_t index) const {
    return {(*m_value)[index], *m_document, m_path + "[" + std::to_string(index) + "]"};
}

std::size_t JsonField::arraySize(std::size_t maximum) const {
    if (!m_value->is_array()) {
        fail("must be a list");
    }
    if (m_value->size() > maximum) {
        fail(fmt::format("has {} items, more than {}", m_value->size(), maximum));
    }
    return m_value->size();
}

const std::string& JsonField::string() const {
    const auto* text = m_value->get_ptr<const std::string*>();
    if (text == nullptr) {
        fail("must be a string");
    }
    return *text;
}

std::int64_t JsonField::integer() const {
    const bool huge =
        m_value->is_number_unsigned() &&
        m_value->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    if (!m_value->is_number_integer() || huge) {
        fail("must be an integer");
    }
    return m_value->get<std::int64_t>();
}

std::int64_t JsonField::integer(std::int64_t minimum, std::int64_t maximum) const {
    const std::int64_t number = integer();
    if (number < minimum || number > maximum) {
        fail(fmt::format("must be from {} to {}", minimum, maximum));
    }
    return number;
}

std::uint64_t JsonField::counter() const {
    if (!m_value->is_number_unsigned()) {
        fail("must be an integer from 0");
    }
    return m_value->get<std::uint64_t>();
}

double JsonField::number() const {
    if (!m_value->is_number()) {
        fail("must be a number");
    }
    return m_value->get<double>();
}

bool JsonField::boolean() const {
    if (!m_value->is_boolean()) {
        fail("must be true or false");
    }
    return m_value->get<bool>();
}

JsonFile::JsonFile(const std::filesystem::path& file, std::uintmax_t maximumBytes)
    : JsonFile(std::string_view(readWhole(file, maximumBytes)), file.string()) {}

JsonFile::JsonFile(std::string_view text, std::string name)
    : m_name(std::move(name))
    , m_value(parseOf(text, m_name)) {}

} // namespace depthscope
