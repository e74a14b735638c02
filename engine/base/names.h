// SPDX-License-Identifier: MIT
// The names of an enum's values as one table, from values to names and back. Any thread.
#pragma once

#include "engine/base/text.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope {

template <class Enum, std::size_t Count>
struct NameTable {
    std::array<std::pair<Enum, const char*>, Count> rows;

    /// Every value must have a row; "?" for one without.
    [[nodiscard]] constexpr const char* nameOf(Enum value) const {
        for (const auto& [entry, name] : rows) {
            if (entry == value) {
                return name;
            }
        }
        return "?";
    }

    /// Empty if no value has this name.
    [[nodiscard]] std::optional<Enum> valueOf(std::string_view text) const {
        for (const auto& [entry, name] : rows) {
            if (name == text) {
                return entry;
            }
        }
        return std::nullopt;
    }

    /// In the order of the table.
    [[nodiscard]] std::vector<std::string_view> names() const {
        std::vector<std::string_view> all;
        for (const auto& row : rows) {
            all.emplace_back(row.second);
        }
        return all;
    }

    /// "model, topk, threshold"
    [[nodiscard]] std::string list() const {
        return listOf(rows, [](const auto& row) { return row.second; });
    }
};

template <class Enum, std::size_t Count>
NameTable(std::array<std::pair<Enum, const char*>, Count>) -> NameTable<Enum, Count>;

} // namespace depthscope
