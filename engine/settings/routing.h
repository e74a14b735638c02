// SPDX-License-Identifier: MIT
// What a user requests of the routing: the rule, its capacity or threshold, and the KV policy. A
// value; any thread.
#pragma once

#include "engine/base/fraction.h"
#include "engine/settings/field.h"
#include "engine/settings/rule.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::settings {

/// What leaving does to a token of a looped model (docs/looped.md 3).
enum class Exits : std::uint8_t {
    Model,     ///< as the model's rules were published
    Published, ///< it chooses the recursion that answers; all recursions run
    Stop,      ///< who has left runs no further recursion
};

/// Which keys and values each recursion keeps (docs/routing.md 3.7), and what later tokens read of
/// one that stopped before (docs/looped.md 3): Latest, its last ones; Skip, nothing. Last and
/// Compress keep those of a token's last recursions alone (docs/looped.md 4).
enum class KvPolicy : std::uint8_t {
    Model,
    Recursion,
    Share,
    Hybrid,
    Latest,
    Skip,
    Last,
    Compress
};

struct RoutingSettings {
    Rule rule = Rule::Model;
    double tau = 0.5;               ///< against sigmoid(router logit), before alpha
    int fixedDepth = 0;             ///< 0: all recursions; used by Rule::Fixed
    double exit = 1;                ///< probability; used by Rule::Exit; 1: the last recursion
    Exits exits = Exits::Model;     ///< of looped models
    double change = 0;              ///< see Rule::Latent to Argmax; 0: as the rule was published
    bool zeroState = false;         ///< looped: states start from zeros, else from drawn numbers
    std::vector<Fraction> capacity; ///< one per recursion, never increasing; empty: as trained
    int maxDepth = 0;               ///< maximum recursions under every rule; 0: no limit
    KvPolicy kv = KvPolicy::Model;
    int kvKept = 1; ///< recursions of a token that KvPolicy::Compress keeps

    [[nodiscard]] bool operator==(const RoutingSettings&) const = default;

    [[nodiscard]] bool exitStops() const { return exits == Exits::Stop; }

    /// visitor(FieldInfo, member&) for each field, in the order of the form.
    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
        visitor(FieldInfo{"routing", "How the depth of each token is decided"}, self.rule);
        visitor(FieldInfo{"capacity",
                          "Share of the tokens that each recursion may keep, e.g. 1,2/3,1/3"},
                self.capacity);
        visitor(FieldInfo{"tau", "A token continues while sigmoid(router logit) exceeds it", "",
                          0.0, 1.0},
                self.tau);
        visitor(FieldInfo{"fixed-depth", "Recursions of every token under the fixed rule",
                          "recursions", 0, kMostRecursions},
                self.fixedDepth);
        visitor(
            FieldInfo{
                "exit",
                "Answer after the first recursion by which the exit probabilities add up to this",
                "", 0.0, 1.0},
            self.exit);
        visitor(FieldInfo{"exits", "Whether a token that has left runs further recursions"},
                self.exits);
        visitor(FieldInfo{"change",
                          "Leave where the rule's figure falls below this, or, under argmax, after "
                          "this number of equal predictions; 0: as published",
                          "", 0.0, kMostRecursions},
                self.change);
        visitor(FieldInfo{"zero-state", "States start from zeros instead of drawn numbers"},
                self.zeroState);
        visitor(FieldInfo{"max-depth", "Maximum recursions of any token; 0 for no limit",
                          "recursions", 0, kMostRecursions},
                self.maxDepth);
        visitor(FieldInfo{"kv", "Which keys and values each recursion keeps"}, self.kv);
        visitor(FieldInfo{"kv-kept", "The last recursions whose keys and values compress keeps",
                          "recursions", 1, kMostRecursions},
                self.kvKept);
    }
};

/// How many of a token's last recursions keep their keys and values; 0: all of them.
[[nodiscard]] inline int keptRecursions(const RoutingSettings& routing) {
    return routing.kv == KvPolicy::Last ? 1 : routing.kv == KvPolicy::Compress ? routing.kvKept : 0;
}

/// Whether a looped model takes a prompt token by token, each through all its recursions: later
/// tokens read what is known only then (docs/looped.md 4, 6).
[[nodiscard]] inline bool runsTokenByToken(const RoutingSettings& routing) {
    return watchesPrediction(routing.rule) || keptRecursions(routing) > 0;
}

/// The field that holds the number of such a rule.
[[nodiscard]] inline double RoutingSettings::*thresholdField(Rule rule) {
    return rule == Rule::Exit    ? &RoutingSettings::exit
           : watchesChange(rule) ? &RoutingSettings::change
                                 : &RoutingSettings::tau;
}

/// The names of all values of a type, in their order; the argument only says which type.
[[nodiscard]] std::vector<std::string_view> namesOf(Rule);
[[nodiscard]] std::vector<std::string_view> namesOf(KvPolicy);
[[nodiscard]] std::vector<std::string_view> namesOf(Exits);

/// "topk", "threshold", ... and back. Parsing throws Error{Usage} that lists the names.
[[nodiscard]] std::string_view toString(Rule rule);
[[nodiscard]] Rule parseRule(std::string_view name);
[[nodiscard]] std::string_view toString(KvPolicy policy);
[[nodiscard]] KvPolicy parseKvPolicy(std::string_view name);
[[nodiscard]] std::string_view toString(Exits exits);
[[nodiscard]] Exits parseExits(std::string_view name);

/// Reads "1,2/3,1/3". Throws Error{BadInput} naming "capacity" if an entry is not a ratio, lies
/// outside 0..1, or is larger than the one before it. Empty text gives an empty list.
[[nodiscard]] std::vector<Fraction> parseCapacity(std::string_view text);
[[nodiscard]] std::string toString(const std::vector<Fraction>& capacity);

/// Throws Error{BadInput} naming "capacity" unless every entry is in 0..1 and none exceeds the one
/// before it.
void checkCapacity(const std::vector<Fraction>& capacity);

/// The capacities with those of recursions first..last set to `value`. No recursion keeps more than
/// the one before it: the others are adjusted accordingly.
[[nodiscard]] std::vector<Fraction> withCapacity(std::vector<Fraction> capacity,
                                                 std::size_t first,
                                                 std::size_t last,
                                                 const Fraction& value);

/// The command line's --routing: a rule name, "threshold:0.6", "fixed:2" or "latent:0.05". Throws
/// Error{Usage}.
void parseRouting(std::string_view text, RoutingSettings& settings);

/// The command line's --kv: the name of a policy, or "compress:4". Throws Error{Usage}.
void parseKv(std::string_view text, RoutingSettings& settings);

} // namespace depthscope::settings
