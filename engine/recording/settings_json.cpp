// SPDX-License-Identifier: MIT
#include "engine/recording/settings_json.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/recording/json_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace depthscope::recording {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxCapacities = 64;
constexpr std::int64_t kLargestDenominator = 1'000'000'000; // products of two stay in 64 bits

template <class Call>
auto named(const std::string& subject, Call&& call) {
    try {
        return call();
    } catch (const Error& error) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: {}", subject, error.message()),
                    error.hint());
    }
}

std::string rangeOf(const settings::FieldInfo& field) {
    const std::string unit = *field.unit == '\0' ? "" : std::string(" ") + field.unit;
    return fmt::format("{}..{}{}", json(field.minimum).dump(), json(field.maximum).dump(), unit);
}

/// Writes each visited field under its name.
struct Write {
    json& object;

    void operator()(const settings::FieldInfo& field, settings::Rule value) const {
        object[field.name] = settings::toString(value);
    }

    void operator()(const settings::FieldInfo& field, settings::KvPolicy value) const {
        object[field.name] = settings::toString(value);
    }

    void operator()(const settings::FieldInfo& field, settings::Exits value) const {
        object[field.name] = settings::toString(value);
    }

    void operator()(const settings::FieldInfo& field, const std::vector<Fraction>& value) const {
        object[field.name] = toJson(value);
    }

    void operator()(const settings::FieldInfo& field, const std::string& value) const {
        object[field.name] = textToJson(value);
    }

    template <class Number>
    requires std::is_arithmetic_v<Number>

    void operator()(const settings::FieldInfo& field, const Number& value) const {
        object[field.name] = value;
    }
};

/// Reads each visited field that is there, and checks it against its declaration.
struct Read {
    const json& object;
    const std::string& prefix;

    template <class Value>
    void operator()(const settings::FieldInfo& field, Value& value) const {
        if (const auto found = object.find(field.name); found != object.end()) {
            set(field, *found, fmt::format("{}: {}", prefix, field.name), value);
        }
    }

    static void set(const settings::FieldInfo&,
                    const json& from,
                    const std::string& subject,
                    settings::Rule& to) {
        to = named(subject, [&] { return settings::parseRule(JsonField(from, subject).string()); });
    }

    static void set(const settings::FieldInfo&,
                    const json& from,
                    const std::string& subject,
                    settings::KvPolicy& to) {
        to = named(subject,
                   [&] { return settings::parseKvPolicy(JsonField(from, subject).string()); });
    }

    static void set(const settings::FieldInfo&,
                    const json& from,
                    const std::string& subject,
                    settings::Exits& to) {
        to =
            named(subject, [&] { return settings::parseExits(JsonField(from, subject).string()); });
    }

    static void set(const settings::FieldInfo&,
                    const json& from,
                    const std::string& subject,
                    std::vector<Fraction>& to) {
        to = capacityFromJson(from, subject);
    }

    static void
    set(const settings::FieldInfo&, const json& from, const std::string& subject, std::string& to) {
        to = textOf(from, subject);
    }

    static void
    set(const settings::FieldInfo&, const json& from, const std::string& subject, bool& to) {
        to = JsonField(from, subject).boolean();
    }

    static void set(const settings::FieldInfo& field,
                    const json& from,
                    const std::string& subject,
                    double& to) {
        const double value = JsonField(from, subject).number();
        if (!std::isfinite(value) || value < field.minimum || value > field.maximum) {
            rejectJson(subject, fmt::format("{} is outside {}", from.dump(), rangeOf(field)));
        }
        to = value;
    }

    template <class Integer>

    requires(std::is_integral_v<Integer>) static void set(const settings::FieldInfo& field,
                                                          const json& from,
                                                          const std::string& subject,
                                                          Integer& to) {
        constexpr auto kLargest = static_cast<double>(std::numeric_limits<std::int32_t>::max());
        const double limit = sizeof(Integer) > 4 ? 9.007e15 : kLargest;
        const double minimum = std::max(field.minimum, std::is_signed_v<Integer> ? -limit : 0.0);
        const double maximum = std::min(field.maximum, limit);
        to = static_cast<Integer>(integerOf(from, subject, static_cast<std::int64_t>(minimum),
                                            static_cast<std::int64_t>(maximum)));
    }
};

template <class Settings>
json written(const Settings& settings) {
    json object = json::object();
    Settings::visit(settings, Write{object});
    return object;
}

template <class Settings>
Settings readAs(const json& object, const std::string& subject) {
    if (!object.is_object()) {
        JsonField(object, subject).fail("must be an object");
    }
    Settings settings;
    Settings::visit(settings, Read{object, subject});
    return settings;
}

} // namespace

json toJson(const std::vector<Fraction>& capacity) {
    json list = json::array();
    for (const Fraction& entry : capacity) {
        list.push_back(json::array({entry.numerator, entry.denominator}));
    }
    return list;
}

std::vector<Fraction> capacityFromJson(const json& value, const std::string& subject) {
    std::vector<Fraction> capacity;
    if (value.is_string()) {
        capacity = named(
            subject, [&] { return settings::parseCapacity(value.get_ref<const std::string&>()); });
        if (capacity.size() > kMaxCapacities) {
            rejectJson(subject, fmt::format("must have at most {} entries", kMaxCapacities));
        }
    } else {
        (void)JsonField(value, subject).arraySize(kMaxCapacities);
        for (const json& pair : value) {
            if (!pair.is_array() || pair.size() != 2) {
                rejectJson(subject, "entries must be pairs such as [2, 3]");
            }
            capacity.push_back({integerOf(pair[0], subject, 0, kLargestDenominator),
                                integerOf(pair[1], subject, 1, kLargestDenominator)});
        }
    }
    named(subject, [&] { settings::checkCapacity(capacity); });
    return capacity;
}

json toJson(const settings::RoutingSettings& settings) {
    return written(settings);
}

json toJson(const settings::LabSettings& settings) {
    return written(settings);
}

settings::RoutingSettings routingFromJson(const json& object, const std::string& subject) {
    return readAs<settings::RoutingSettings>(object, subject);
}

settings::LabSettings labFromJson(const json& object, const std::string& subject) {
    return readAs<settings::LabSettings>(object, subject);
}

} // namespace depthscope::recording
