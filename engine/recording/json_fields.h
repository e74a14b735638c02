// SPDX-License-Identifier: MIT
// What recordings add to JSON (engine/base/json.h reads it): numbers that JSON cannot write and
// bytes that are not UTF-8 have forms of their own, so that what was recorded comes back bit for
// bit. For this folder only; any thread. Throws Error{BadInput} naming subject and field.
#pragma once

#include "engine/base/json.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::recording {

inline constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kLargestInt = std::numeric_limits<std::int32_t>::max();

/// A string where it is UTF-8, else {"hex": "..."}.
[[nodiscard]] nlohmann::json textToJson(std::string_view text);

/// A number where it is finite, else {"bits": "7ff8000000000000"}.
[[nodiscard]] nlohmann::json numberToJson(double value);

template <class Entry, class ToJson>
[[nodiscard]] nlohmann::json listToJson(const std::vector<Entry>& entries, ToJson&& toJson) {
    nlohmann::json list = nlohmann::json::array();
    for (const Entry& entry : entries) {
        list.push_back(toJson(entry));
    }
    return list;
}

/// Parses; throws Error{BadInput} naming the subject.
[[nodiscard]] nlohmann::json parseJson(std::string_view text, const std::string& subject);

[[noreturn]] void rejectJson(const std::string& subject, const std::string& error);

/// The values behind the names of one object.
class Fields {
public:
    /// `object` must outlive this; throws unless it is an object.
    Fields(const nlohmann::json& object, std::string subject);
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;

    [[nodiscard]] std::int64_t
    integer(const char* name, std::int64_t minimum, std::int64_t maximum) const;
    [[nodiscard]] std::uint64_t counter(const char* name) const;
    [[nodiscard]] double number(const char* name) const;
    [[nodiscard]] bool flag(const char* name) const;
    [[nodiscard]] std::string text(const char* name) const;
    [[nodiscard]] const nlohmann::json& list(const char* name, std::size_t maxEntries) const;
    [[nodiscard]] const nlohmann::json& value(const char* name) const;
    /// False where the writer was older than the field.
    [[nodiscard]] bool has(const char* name) const;

private:
    std::string m_subject;
    JsonField m_object;
};

/// fields.integer of bounds within an int.
[[nodiscard]] int
intOf(const Fields& fields, const char* name, std::int64_t minimum, std::int64_t maximum);

/// One value of a list or of a row, by the same rules as the fields.
[[nodiscard]] std::int64_t integerOf(const nlohmann::json& value,
                                     const std::string& subject,
                                     std::int64_t minimum,
                                     std::int64_t maximum);
[[nodiscard]] double numberOf(const nlohmann::json& value, const std::string& subject);
[[nodiscard]] std::string textOf(const nlohmann::json& value, const std::string& subject);

} // namespace depthscope::recording
