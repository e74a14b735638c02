// SPDX-License-Identifier: MIT
#include "engine/settings/routing.h"

#include "engine/base/error.h"
#include "engine/base/names.h"
#include "engine/base/text.h"

#include <charconv>
#include <utility>

namespace depthscope::settings {

namespace {

constexpr NameTable<Rule, 15> kRules{{{
    {Rule::Model, "model"},
    {Rule::TopK, "topk"},
    {Rule::Threshold, "threshold"},
    {Rule::Token, "token"},
    {Rule::Fixed, "fixed"},
    {Rule::Random, "random"},
    {Rule::Aux, "aux"},
    {Rule::Exit, "exit"},
    {Rule::Weighted, "weighted"},
    {Rule::Latent, "latent"},
    {Rule::Cosine, "cosine"},
    {Rule::Entropy, "entropy"},
    {Rule::Kl, "kl"},
    {Rule::MinpKl, "minp-kl"},
    {Rule::Argmax, "argmax"},
}}};

constexpr NameTable<KvPolicy, 8> kPolicies{{{
    {KvPolicy::Model, "model"},
    {KvPolicy::Recursion, "recursion"},
    {KvPolicy::Share, "share"},
    {KvPolicy::Hybrid, "hybrid"},
    {KvPolicy::Latest, "latest"},
    {KvPolicy::Skip, "skip"},
    {KvPolicy::Last, "last"},
    {KvPolicy::Compress, "compress"},
}}};

constexpr NameTable<Exits, 3> kExits{{{
    {Exits::Model, "model"},
    {Exits::Published, "published"},
    {Exits::Stop, "stop"},
}}};

template <class Table>
auto valueOf(const Table& table, std::string_view subject, std::string_view text) {
    const auto value = table.valueOf(text);
    if (!value) {
        throw Error(ErrorCode::Usage, fmt::format("{}: unknown value \"{}\"", subject, text),
                    fmt::format("Valid values: {}.", table.list()));
    }
    return *value;
}

double parseTau(std::string_view text, Rule rule) {
    const std::optional<double> value = parseNumber<double>(text);
    if (!value || !(*value >= 0.0 && *value <= 1.0)) {
        throw Error(ErrorCode::Usage,
                    fmt::format("routing: \"{}\" is not a threshold in 0..1", text),
                    fmt::format("For example: {}:0.5.", toString(rule)));
    }
    return *value;
}

int parseDepth(std::string_view text) {
    const std::optional<int> value = parseNumber<int>(text);
    if (!value || *value < 1) {
        throw Error(ErrorCode::Usage,
                    fmt::format("routing: \"{}\" is not a number of recursions", text),
                    "For example: fixed:2.");
    }
    return *value;
}

double parseChange(std::string_view text, Rule rule) {
    if (rule == Rule::Argmax) {
        const std::optional<int> count = parseNumber<int>(text);
        if (!count || *count < 1 || *count >= kMostRecursions) {
            throw Error(ErrorCode::Usage,
                        fmt::format("routing: \"{}\" is not a number of comparisons in 1..{}", text,
                                    kMostRecursions - 1),
                        "For example: argmax:5.");
        }
        return *count;
    }
    const std::optional<double> value = parseNumber<double>(text);
    if (!value || !(*value > 0.0 && *value <= kMostRecursions)) {
        throw Error(ErrorCode::Usage,
                    fmt::format("routing: \"{}\" is not a number above 0 and up to {}", text,
                                kMostRecursions),
                    fmt::format("For example: {}:{}.", toString(rule), publishedChange(rule)));
    }
    return *value;
}

} // namespace

std::vector<std::string_view> namesOf(Rule) {
    return kRules.names();
}

std::vector<std::string_view> namesOf(KvPolicy) {
    return kPolicies.names();
}

std::vector<std::string_view> namesOf(Exits) {
    return kExits.names();
}

std::string_view toString(Rule rule) {
    return kRules.nameOf(rule);
}

Rule parseRule(std::string_view name) {
    return valueOf(kRules, "routing", name);
}

std::string_view toString(KvPolicy policy) {
    return kPolicies.nameOf(policy);
}

KvPolicy parseKvPolicy(std::string_view name) {
    return valueOf(kPolicies, "kv", name);
}

std::string_view toString(Exits exits) {
    return kExits.nameOf(exits);
}

Exits parseExits(std::string_view name) {
    return valueOf(kExits, "exits", name);
}

std::vector<Fraction> parseCapacity(std::string_view text) {
    std::vector<Fraction> capacity;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        capacity.push_back(parseFraction(text.substr(0, comma), "capacity"));
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    checkCapacity(capacity);
    return capacity;
}

std::string toString(const std::vector<Fraction>& capacity) {
    std::string text;
    for (const Fraction& entry : capacity) {
        text += (text.empty() ? "" : ",") + depthscope::toString(entry);
    }
    return text;
}

void checkCapacity(const std::vector<Fraction>& capacity) {
    for (std::size_t r = 0; r < capacity.size(); ++r) {
        const std::string subject = fmt::format("capacity of recursion {}", r + 1);
        if (Fraction{1, 1} < capacity[r]) {
            throw Error(
                ErrorCode::BadInput,
                fmt::format("{} is {}, outside 0..1", subject, depthscope::toString(capacity[r])),
                "A capacity is the share of the tokens that a recursion keeps: choose 0 to 1.");
        }
        if (r > 0 && capacity[r - 1] < capacity[r]) {
            throw Error(ErrorCode::BadInput,
                        fmt::format("{} is {}, more than the {} before it", subject,
                                    depthscope::toString(capacity[r]),
                                    depthscope::toString(capacity[r - 1])),
                        "A recursion chooses among the tokens that the previous one kept: "
                        "capacities must not increase.");
        }
    }
}

std::vector<Fraction> withCapacity(std::vector<Fraction> capacity,
                                   std::size_t first,
                                   std::size_t last,
                                   const Fraction& value) {
    for (std::size_t r = 0; r < capacity.size(); ++r) {
        const bool moved = first <= r && r <= last;
        const bool grows = r > last && value < capacity[r];
        const bool falls = r < first && capacity[r] < value;
        if (moved || grows || falls) {
            capacity[r] = value;
        }
    }
    return capacity;
}

void parseRouting(std::string_view text, RoutingSettings& settings) {
    const std::size_t colon = text.find(':');
    const Rule rule = parseRule(text.substr(0, colon));
    settings.rule = rule;
    if (colon == std::string_view::npos) {
        if (rule == Rule::Fixed) {
            throw Error(ErrorCode::Usage, "routing: fixed needs a number of recursions",
                        "For example: fixed:2.");
        }
        settings.change = watchesChange(rule) ? 0 : settings.change;
        return;
    }
    const std::string_view value = text.substr(colon + 1);
    if (comparesWithTau(rule)) {
        settings.tau = parseTau(value, rule);
    } else if (rule == Rule::Exit) {
        settings.exit = parseTau(value, rule);
    } else if (rule == Rule::Fixed) {
        settings.fixedDepth = parseDepth(value);
    } else if (watchesChange(rule)) {
        settings.change = parseChange(value, rule);
    } else {
        throw Error(ErrorCode::Usage, fmt::format("routing: {} takes no value", toString(rule)),
                    "Only threshold:TAU, aux:TAU, exit:Q, fixed:N, latent:E, cosine:E, "
                    "entropy:E, kl:E, minp-kl:E and argmax:N take one.");
    }
}

void parseKv(std::string_view text, RoutingSettings& settings) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    settings.kv = parseKvPolicy(name);
    if (settings.kv != KvPolicy::Compress) {
        if (colon != std::string_view::npos) {
            throw Error(ErrorCode::Usage, fmt::format("kv: {} takes no value", name),
                        "Only compress:N takes one.");
        }
        return;
    }
    const std::optional<int> kept =
        colon == std::string_view::npos ? std::nullopt : parseNumber<int>(text.substr(colon + 1));
    if (!kept || *kept < 1 || *kept > kMostRecursions) {
        throw Error(
            ErrorCode::Usage,
            fmt::format("kv: compress needs a number of recursions in 1..{}", kMostRecursions),
            "For example: compress:4.");
    }
    settings.kvKept = *kept;
}

} // namespace depthscope::settings
