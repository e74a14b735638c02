// SPDX-License-Identifier: MIT
#include "engine/recording/json_fields.h"

#include "engine/base/error.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace depthscope::recording {

using nlohmann::json;

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

bool isUtf8(const json& text) {
    try {
        (void)text.dump();
        return true;
    } catch (const json::type_error&) {
        return false;
    }
}

int digitOf(char c) {
    const std::size_t digit = kHex.find(c);
    return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

const std::string* stringUnder(const json& value, const char* key) {
    if (!value.is_object() || value.size() != 1) {
        return nullptr;
    }
    const auto found = value.find(key);
    return found == value.end() ? nullptr : found->get_ptr<const std::string*>();
}

} // namespace

json textToJson(std::string_view text) {
    json plain = std::string(text);
    if (isUtf8(plain)) {
        return plain;
    }
    std::string hex;
    hex.reserve(text.size() * 2);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        hex += kHex[byte >> 4];
        hex += kHex[byte & 15];
    }
    return {{"hex", hex}};
}

json numberToJson(double value) {
    if (std::isfinite(value)) {
        return value;
    }
    const auto bits = std::bit_cast<std::uint64_t>(value);
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4) {
        hex += kHex[(bits >> shift) & 15];
    }
    return {{"bits", hex}};
}

json parseJson(std::string_view text, const std::string& subject) {
    try {
        return json::parse(text);
    } catch (const json::exception& fault) {
        rejectJson(subject, std::string("no JSON: ") + fault.what());
    }
}

void rejectJson(const std::string& subject, const std::string& fault) {
    throw Error(ErrorCode::BadInput, subject + ": " + fault,
                "Correct this value, or use another file.");
}

int intOf(const Fields& fields, const char* name, std::int64_t minimum, std::int64_t maximum) {
    return static_cast<int>(fields.integer(name, minimum, maximum));
}

std::int64_t integerOf(const json& value,
                       const std::string& subject,
                       std::int64_t minimum,
                       std::int64_t maximum) {
    if (!value.is_number_integer()) {
        rejectJson(subject, std::string("a whole number is expected, not a ") + value.type_name());
    }
    const bool tooLarge = value.is_number_unsigned() &&
                          value.get<std::uint64_t>() >
                              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (tooLarge || value.get<std::int64_t>() < minimum || value.get<std::int64_t>() > maximum) {
        rejectJson(subject, value.dump() + " is outside " + std::to_string(minimum) + ".." +
                                std::to_string(maximum));
    }
    return value.get<std::int64_t>();
}

double numberOf(const json& value, const std::string& subject) {
    if (value.is_number()) {
        return value.get<double>();
    }
    const std::string* bits = stringUnder(value, "bits");
    if (bits == nullptr) {
        rejectJson(subject, std::string("a number is expected, not a ") + value.type_name());
    }
    std::uint64_t pattern = 0;
    const char* end = bits->data() + bits->size();
    const auto parsed = std::from_chars(bits->data(), end, pattern, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != end || bits->size() != 16) {
        rejectJson(subject, "these are not the 16 hexadecimal digits of a number");
    }
    return std::bit_cast<double>(pattern);
}

std::string textOf(const json& value, const std::string& subject) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    const std::string* hex = stringUnder(value, "hex");
    if (hex == nullptr || hex->size() % 2 != 0) {
        rejectJson(subject, std::string("a text is expected, not a ") + value.type_name());
    }
    std::string text;
    text.reserve(hex->size() / 2);
    for (std::size_t i = 0; i < hex->size(); i += 2) {
        const int high = digitOf((*hex)[i]);
        const int low = digitOf((*hex)[i + 1]);
        if (high < 0 || low < 0) {
            rejectJson(subject, "these are not hexadecimal digits");
        }
        text += static_cast<char>(high * 16 + low);
    }
    return text;
}

Fields::Fields(const json& object, std::string subject)
    : m_object(object)
    , m_subject(std::move(subject)) {
    if (!object.is_object()) {
        rejectJson(m_subject, std::string("an object is expected, not a ") + object.type_name());
    }
}

std::string Fields::subjectOf(const char* name) const {
    return m_subject + ": " + name;
}

const json& Fields::value(const char* name) const {
    const auto found = m_object.find(name);
    if (found == m_object.end()) {
        rejectJson(subjectOf(name), "the value is missing");
    }
    return *found;
}

bool Fields::has(const char* name) const {
    return m_object.contains(name);
}

std::int64_t Fields::integer(const char* name, std::int64_t minimum, std::int64_t maximum) const {
    return integerOf(value(name), subjectOf(name), minimum, maximum);
}

std::uint64_t Fields::counter(const char* name) const {
    const json& number = value(name);
    if (!number.is_number_unsigned()) {
        rejectJson(subjectOf(name), "a whole number from 0 is expected");
    }
    return number.get<std::uint64_t>();
}

double Fields::number(const char* name) const {
    return numberOf(value(name), subjectOf(name));
}

bool Fields::flag(const char* name) const {
    const json& flag = value(name);
    if (!flag.is_boolean()) {
        rejectJson(subjectOf(name), "true or false is expected");
    }
    return flag.get<bool>();
}

std::string Fields::text(const char* name) const {
    return textOf(value(name), subjectOf(name));
}

const json& Fields::list(const char* name, std::size_t maxEntries) const {
    const json& list = value(name);
    if (!list.is_array()) {
        rejectJson(subjectOf(name), std::string("a list is expected, not a ") + list.type_name());
    }
    if (list.size() > maxEntries) {
        rejectJson(subjectOf(name), "the list is longer than " + std::to_string(maxEntries));
    }
    return list;
}

} // namespace depthscope::recording
