// SPDX-License-Identifier: MIT
#include "engine/recording/json_fields.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

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
        return depthscope::parseJson(text);
    } catch (const std::invalid_argument& error) {
        rejectJson(subject, error.what());
    }
}

void rejectJson(const std::string& subject, const std::string& error) {
    throw Error(ErrorCode::BadInput, fmt::format("{}: {}", subject, error),
                "Correct this value, or use another file.");
}

int intOf(const Fields& fields, const char* name, std::int64_t minimum, std::int64_t maximum) {
    return static_cast<int>(fields.integer(name, minimum, maximum));
}

std::int64_t integerOf(const json& value,
                       const std::string& subject,
                       std::int64_t minimum,
                       std::int64_t maximum) {
    return JsonField(value, subject).integer(minimum, maximum);
}

double numberOf(const json& value, const std::string& subject) {
    const std::string* bits = stringUnder(value, "bits");
    if (bits == nullptr) {
        return JsonField(value, subject).number();
    }
    std::uint64_t pattern = 0;
    const char* end = bits->data() + bits->size();
    const auto parsed = std::from_chars(bits->data(), end, pattern, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != end || bits->size() != 16) {
        rejectJson(subject, "must be 16 hexadecimal digits");
    }
    return std::bit_cast<double>(pattern);
}

std::string textOf(const json& value, const std::string& subject) {
    const std::string* hex = stringUnder(value, "hex");
    if (hex == nullptr || hex->size() % 2 != 0) {
        return JsonField(value, subject).string();
    }
    std::string text;
    text.reserve(hex->size() / 2);
    for (std::size_t i = 0; i < hex->size(); i += 2) {
        const int high = digitOf((*hex)[i]);
        const int low = digitOf((*hex)[i + 1]);
        if (high < 0 || low < 0) {
            rejectJson(subject, "must be hexadecimal digits");
        }
        text += static_cast<char>(high * 16 + low);
    }
    return text;
}

Fields::Fields(const json& object, std::string subject)
    : m_subject(std::move(subject))
    , m_object(object, m_subject) {
    if (!object.is_object()) {
        m_object.fail("must be an object");
    }
}

const json& Fields::value(const char* name) const {
    return m_object.at(name).value();
}

bool Fields::has(const char* name) const {
    return m_object.has(name);
}

std::int64_t Fields::integer(const char* name, std::int64_t minimum, std::int64_t maximum) const {
    return m_object.at(name).integer(minimum, maximum);
}

std::uint64_t Fields::counter(const char* name) const {
    return m_object.at(name).counter();
}

double Fields::number(const char* name) const {
    const JsonField field = m_object.at(name);
    return numberOf(field.value(), field.where());
}

bool Fields::flag(const char* name) const {
    return m_object.at(name).boolean();
}

std::string Fields::text(const char* name) const {
    const JsonField field = m_object.at(name);
    return textOf(field.value(), field.where());
}

const json& Fields::list(const char* name, std::size_t maxEntries) const {
    const JsonField field = m_object.at(name);
    (void)field.arraySize(maxEntries);
    return field.value();
}

} // namespace depthscope::recording
