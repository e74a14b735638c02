// SPDX-License-Identifier: MIT
// How a quantity of a model or a recipe is declared: once, with name, group, help and range, so
// that
// --set, the recipe dialog, training.json, checkpoints and config.json all visit the same
// declaration. Any thread.
#pragma once

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace depthscope::spec {

using Names = std::vector<std::string>;

template <class Owner>
struct Field {
    using Of = Owner;

    const char* name;
    const char* group; ///< null: a person cannot set it
    const char* help;
    std::function<bool(const Owner&)> matters; ///< to an owner of this kind
    std::function<std::string(const Owner&)> read{};
    /// Throws Error{Usage, BadInput} if the text is not a valid value of the field.
    std::function<void(Owner&, const std::string&)> write{};
    std::function<Names(const Owner&)> choices{}; ///< empty: any number or list
    std::function<nlohmann::json(const Owner&)> toJson{};
    /// Throws Error{BadInput} where it is of another type.
    std::function<void(Owner&, const JsonField&)> fromJson{};
};

[[nodiscard]] inline Error
valueError(const std::string& name, const std::string& value, const std::string& hint) {
    return {ErrorCode::Usage, "recipe: " + name + ": invalid value \"" + value + "\"", hint};
}

template <class Number>
[[nodiscard]] std::string textOf(Number value) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// A limit as text: integers without an exponent.
[[nodiscard]] inline std::string limitText(double limit) {
    constexpr double kWhole = 1e15;
    return limit == std::floor(limit) && std::abs(limit) < kWhole
               ? std::to_string(static_cast<long long>(limit))
               : textOf(limit);
}

/// `member` gives a reference to an integer or floating-point number.
template <class Made, class Member>
[[nodiscard]] Made number(Made field, double least, double most, Member member) {
    using Owner = typename Made::Of;
    using Number = std::remove_cvref_t<decltype(member(std::declval<Owner&>()))>;
    field.read = [member](const Owner& owner) { return textOf<Number>(member(owner)); };
    field.write = [=, name = field.name](Owner& owner, const std::string& text) {
        const std::optional<Number> value = parseNumber<Number>(text);
        const auto wide = static_cast<double>(value.value_or(Number{}));
        if (!value || !(wide >= least && wide <= most)) {
            throw valueError(name, text,
                             fmt::format("Must be {} from {} to {}.",
                                         std::is_integral_v<Number> ? "an integer" : "a number",
                                         limitText(least), limitText(most)));
        }
        member(owner) = *value;
    };
    field.toJson = [member](const Owner& owner) { return nlohmann::json(member(owner)); };
    field.fromJson = [member](Owner& owner, const JsonField& value) {
        if constexpr (std::is_integral_v<Number>) {
            using Limits = std::numeric_limits<Number>;
            constexpr std::int64_t kLeast =
                std::is_signed_v<Number> ? std::int64_t{Limits::min()} : 0;
            constexpr std::int64_t kMost = sizeof(Number) < sizeof(std::int64_t)
                                               ? static_cast<std::int64_t>(Limits::max())
                                               : std::numeric_limits<std::int64_t>::max();
            member(owner) = static_cast<Number>(std::clamp(value.integer(), kLeast, kMost));
        } else {
            member(owner) = value.number();
        }
    };
    return field;
}

template <class Made, class Member>
[[nodiscard]] Made flag(Made field, Member member) {
    using Owner = typename Made::Of;
    field.read = [member](const Owner& owner) { return member(owner) ? "true" : "false"; };
    field.write = [member](Owner& owner, const std::string& text) {
        member(owner) = text == "true";
    };
    field.choices = [](const Owner&) { return Names{"true", "false"}; };
    field.toJson = [member](const Owner& owner) { return nlohmann::json(bool{member(owner)}); };
    field.fromJson = [member](Owner& owner, const JsonField& value) {
        member(owner) = value.boolean();
    };
    return field;
}

/// Of an enum with a toString beside it.
template <class Choice, class Made, class Member>
[[nodiscard]] Made choice(Made field, const std::vector<Choice>& all, Member member) {
    using Owner = typename Made::Of;
    field.read = [member](const Owner& owner) { return std::string(toString(member(owner))); };
    field.choices = [all](const Owner&) {
        Names names;
        for (const Choice value : all) {
            names.emplace_back(toString(value));
        }
        return names;
    };
    field.write = [member, all](Owner& owner, const std::string& text) {
        for (const Choice value : all) {
            if (toString(value) == text) {
                member(owner) = value;
            }
        }
    };
    field.toJson = [member](const Owner& owner) {
        return nlohmann::json(std::string(toString(member(owner))));
    };
    field.fromJson = [member, all](Owner& owner, const JsonField& value) {
        for (const Choice choice : all) {
            if (toString(choice) == value.string()) {
                member(owner) = choice;
                return;
            }
        }
        value.fail(fmt::format("is \"{}\"", value.string()),
                   fmt::format("Valid values: {}.", listOf(all, [](Choice choice) {
                                   return std::string(toString(choice));
                               })));
    };
    return field;
}

} // namespace depthscope::spec
