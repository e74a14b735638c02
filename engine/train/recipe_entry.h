// SPDX-License-Identifier: MIT
// The kinds of fields that a recipe has: how a number, a flag or a choice of a Preset is read and
// written as text. For recipe_fields.cpp, which declares them, and recipe.cpp. Any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/train/preset.h"

#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace depthscope::train {

using Matters = bool (*)(const Preset&);
using Names = std::vector<std::string>;

struct RecipeEntry {
    const char* name;
    const char* group;
    const char* help;
    Matters matters; ///< to this preset's kind of model
    std::function<std::string(const Preset&)> read;
    /// Throws Error{Usage, BadInput} where the text is no value of the field.
    std::function<void(Preset&, const std::string&)> write;
    std::function<Names(const Preset&)> choices; ///< empty: any number or list
};

/// All of them, in the order in which changes are applied.
[[nodiscard]] const std::vector<RecipeEntry>& recipeEntries();

[[nodiscard]] inline Error
valueError(const std::string& name, const std::string& value, const std::string& hint) {
    return {ErrorCode::Usage, "recipe: " + name + " is \"" + value + "\"", hint};
}

/// Parts of a recipe, in the order in which they are shown.
inline constexpr const char* kShape = "Shape";
inline constexpr const char* kRecursion = "Recursion";
inline constexpr const char* kRouter = "Router";
inline constexpr const char* kExperts = "Experts";
inline constexpr const char* kTraining = "Training";
inline constexpr std::array kGroups{kShape, kRecursion, kRouter, kExperts, kTraining};

template <class Number>
[[nodiscard]] std::string textOf(Number value) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// A limit in words: whole ones without an exponent.
[[nodiscard]] inline std::string limitText(double limit) {
    constexpr double kWhole = 1e15;
    return limit == std::floor(limit) && std::abs(limit) < kWhole
               ? std::to_string(static_cast<long long>(limit))
               : textOf(limit);
}

/// `member` gives a reference to an integer or floating-point field.
template <class Member>
RecipeEntry number(const char* name,
                   const char* group,
                   const char* help,
                   Matters matters,
                   double least,
                   double most,
                   Member member) {
    using Number = std::remove_cvref_t<decltype(member(std::declval<Preset&>()))>;
    RecipeEntry field{name, group, help, matters, {}, {}, {}};
    field.read = [member](const Preset& preset) { return textOf<Number>(member(preset)); };
    field.write = [=](Preset& preset, const std::string& text) {
        Number value{};
        const char* end = text.data() + text.size();
        const auto [stop, fault] = std::from_chars(text.data(), end, value);
        const auto wide = static_cast<double>(value);
        if (fault != std::errc() || stop != end || !(wide >= least && wide <= most)) {
            throw valueError(
                name, text,
                std::string(std::is_integral_v<Number> ? "A whole number" : "A number") + " from " +
                    limitText(least) + " to " + limitText(most) + " is wanted.");
        }
        member(preset) = value;
    };
    return field;
}

template <class Member>
RecipeEntry
flag(const char* name, const char* group, const char* help, Matters matters, Member member) {
    RecipeEntry field{name, group, help, matters, {}, {}, {}};
    field.read = [member](const Preset& preset) { return member(preset) ? "true" : "false"; };
    field.write = [member](Preset& preset, const std::string& text) {
        member(preset) = text == "true";
    };
    field.choices = [](const Preset&) { return Names{"true", "false"}; };
    return field;
}

/// Of an enum with a toString beside it.
template <class Choice, class Member>
RecipeEntry choice(const char* name,
                   const char* group,
                   const char* help,
                   Matters matters,
                   std::initializer_list<Choice> all,
                   Member member) {
    RecipeEntry field{name, group, help, matters, {}, {}, {}};
    field.read = [member](const Preset& preset) { return std::string(toString(member(preset))); };
    field.choices = [values = std::vector<Choice>(all)](const Preset&) {
        Names names;
        for (const Choice value : values) {
            names.emplace_back(toString(value));
        }
        return names;
    };
    field.write = [member, values = std::vector<Choice>(all)](Preset& preset,
                                                              const std::string& text) {
        for (const Choice value : values) {
            if (toString(value) == text) {
                member(preset) = value;
            }
        }
    };
    return field;
}

} // namespace depthscope::train
