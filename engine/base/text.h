// SPDX-License-Identifier: MIT
// Texts of messages: lists of names, numbers from text. A message is one sentence in one place:
// build it with fmt::format. Pure functions; any thread.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <functional>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

namespace depthscope {

/// "llama, more": what `nameOf` (a function or a member) gives of each entry.
template <std::ranges::input_range Range, class Name = std::identity>
[[nodiscard]] std::string listOf(const Range& range, Name nameOf = {}) {
    const auto names = range | std::views::transform(nameOf);
    return fmt::format("{}", fmt::join(names.begin(), names.end(), ", "));
}

/// The whole text as a number, whatever the locale; empty where it is not one, or does not fit.
template <class Number>
[[nodiscard]] std::optional<Number> parseNumber(std::string_view text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

} // namespace depthscope
