// SPDX-License-Identifier: MIT
#include "app/cli/arguments.h"

#include "engine/base/error.h"

#include <algorithm>
#include <charconv>
#include <type_traits>

namespace depthscope::cli {

namespace {

template <class Number>
Number parseNumber(const std::string& name, const std::string& text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    if (fault == std::errc::result_out_of_range && stop == end) {
        throw Error(ErrorCode::Usage, "--" + name + ": " + text + " is too large",
                    "Give a smaller number.");
    }
    if (fault != std::errc{} || stop != end) {
        constexpr bool kWhole = std::is_integral_v<Number>;
        throw Error(ErrorCode::Usage,
                    "--" + name + ": \"" + text + "\" is not a " + (kWhole ? "whole " : "") +
                        "number",
                    kWhole ? "Give a whole number, for example 64." : "Give a plain number.");
    }
    return number;
}

} // namespace

bool Arguments::flag(const std::string& name) {
    const auto found = std::find(m_words.begin(), m_words.end(), "--" + name);
    if (found == m_words.end()) {
        return false;
    }
    m_words.erase(found);
    return true;
}

std::optional<std::string> Arguments::value(const std::string& name) {
    const std::string option = "--" + name;
    for (auto it = m_words.begin(); it != m_words.end(); ++it) {
        if (it->starts_with(option + "=")) {
            std::string text = it->substr(option.size() + 1);
            m_words.erase(it);
            return text;
        }
        if (*it == option) {
            const auto next = it + 1;
            if (next == m_words.end()) {
                throw Error(ErrorCode::Usage, option + " needs a value",
                            "See depthscope-cli --help.");
            }
            std::string text = *next;
            m_words.erase(it, next + 1);
            return text;
        }
    }
    return std::nullopt;
}

std::vector<std::string> Arguments::values(const std::string& name) {
    std::vector<std::string> all;
    while (auto next = value(name)) {
        all.push_back(std::move(*next));
    }
    return all;
}

std::int64_t Arguments::integer(const std::string& name, std::int64_t otherwise) {
    const auto text = value(name);
    return text ? parseNumber<std::int64_t>(name, *text) : otherwise;
}

double Arguments::number(const std::string& name, double otherwise) {
    const auto text = value(name);
    return text ? parseNumber<double>(name, *text) : otherwise;
}

std::optional<std::string> Arguments::optionalPositional() {
    const auto found = std::find_if(m_words.begin(), m_words.end(), [](const std::string& word) {
        return !word.starts_with("--");
    });
    if (found == m_words.end()) {
        return std::nullopt;
    }
    std::string word = *found;
    m_words.erase(found);
    return word;
}

std::string Arguments::positional(const std::string& what) {
    std::optional<std::string> word = optionalPositional();
    if (!word) {
        throw Error(ErrorCode::Usage, what + " is missing", "See depthscope-cli --help.");
    }
    return *word;
}

void Arguments::finish() const {
    if (!m_words.empty()) {
        throw Error(ErrorCode::Usage, "unknown or repeated option or word: " + m_words.front(),
                    "See depthscope-cli --help.");
    }
}

std::vector<std::int32_t> parseIds(const std::string& text) {
    std::vector<std::int32_t> ids;
    std::size_t begin = 0;
    while (begin <= text.size()) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        ids.push_back(parseNumber<std::int32_t>("ids", text.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    return ids;
}

} // namespace depthscope::cli
