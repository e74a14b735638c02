// SPDX-License-Identifier: MIT
// What a user requests of the routing: the rule, its capacity or threshold, and the KV policy. A
// value; any thread. Meaning of the rules: docs/routing.md 3.2 (top-k), 3.5 (token-choice), 3.8
// (threshold, fixed).
#pragma once

#include "engine/base/fraction.h"
#include "engine/settings/field.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::settings {

/// Of any model. A looped one may be asked for more than it was trained with.
inline constexpr int kMostRecursions = 64;

/// How the depth of each token is decided.
enum class Rule : std::uint8_t {
    Model,     ///< as the model was trained (run, score); causal stand-in in generation
    TopK,      ///< expert-choice: the k best scores of the sequence at each recursion; not causal
    Threshold, ///< expert-choice: a token continues while sigmoid(logit) > tau; causal
    Token,     ///< token-choice: one decision at the entrance
    Fixed,     ///< every token runs the same number of recursions
    Random,    ///< expert-choice with random scores: the control
    Aux,       ///< expert-choice decided by the auxiliary router
    Exit,      ///< looped: the first recursion by which exit probabilities add up to `exit`; causal
    Weighted,  ///< looped: the logits of all recursions, weighted by exit probability
    // Looped, without a gate: a token leaves where a figure falls below `change`; causal.
    Latent,  ///< the change of the state, relative to it
    Cosine,  ///< 1 - cosine of successive states
    Entropy, ///< the change of the prediction's entropy, in nats
    Kl,      ///< the divergence of successive predictions, in nats
    MinpKl,  ///< the same of their probable pieces
    Argmax,  ///< where the likeliest piece has stayed the same `change` times in a row
};

/// Whether a looped model's exit gate decides which recursion gives the logits (docs/looped.md 2).
[[nodiscard]] constexpr bool readsExitGate(Rule rule) {
    return rule == Rule::Exit || rule == Rule::Weighted;
}

/// Whether a token of a looped model leaves where a recursion changes little (docs/looped.md 6).
[[nodiscard]] constexpr bool watchesChange(Rule rule) {
    return rule >= Rule::Latent && rule <= Rule::Argmax;
}

/// Whether it is the prediction that is watched: the head is evaluated after every recursion.
[[nodiscard]] constexpr bool watchesPrediction(Rule rule) {
    return rule >= Rule::Entropy && rule <= Rule::Argmax;
}

/// The `change` that such a rule was published with.
[[nodiscard]] constexpr double publishedChange(Rule rule) {
    return rule == Rule::Latent   ? 0.03
           : rule == Rule::MinpKl ? 1e-5
           : rule == Rule::Argmax ? 5
                                  : 1e-3;
}

/// Whether recursions keep a share of the sequence, the best by score: this needs the whole
/// sequence and a capacity.
[[nodiscard]] constexpr bool ranksTokens(Rule rule) {
    return rule == Rule::TopK || rule == Rule::Random;
}

/// Whether a token continues while its score exceeds tau.
[[nodiscard]] constexpr bool comparesWithTau(Rule rule) {
    return rule == Rule::Threshold || rule == Rule::Aux;
}

/// Which keys and values each recursion keeps (docs/routing.md 3.7), and what later tokens read of
/// one that stopped before (docs/looped.md 3): Latest, its last ones; Skip, nothing.
enum class KvPolicy : std::uint8_t { Model, Recursion, Share, Hybrid, Latest, Skip };

struct RoutingSettings {
    Rule rule = Rule::Model;
    double tau = 0.5;               ///< against sigmoid(router logit), before alpha
    int fixedDepth = 0;             ///< 0: all recursions; used by Rule::Fixed
    double exit = 1;                ///< probability; used by Rule::Exit; 1: the last recursion
    bool exitStops = false;         ///< who has left runs no further recursion; Rule::Exit
    double change = 0;              ///< see Rule::Latent to Argmax; 0: as the rule was published
    bool zeroState = false;         ///< looped: states start from zeros, else from drawn numbers
    std::vector<Fraction> capacity; ///< one per recursion, never increasing; empty: as trained
    int maxDepth = 0;               ///< maximum recursions under every rule; 0: no limit
    KvPolicy kv = KvPolicy::Model;

    [[nodiscard]] bool operator==(const RoutingSettings&) const = default;

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
        visitor(FieldInfo{"exit-stops", "A token that has left runs no further recursion"},
                self.exitStops);
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
    }
};

/// Whether a rule decides by one number: tau or an exit probability, from 0 to 1, or a change.
[[nodiscard]] constexpr bool hasThreshold(Rule rule) {
    return comparesWithTau(rule) || rule == Rule::Exit || watchesChange(rule);
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

/// "topk", "threshold", ... and back. Parsing throws Error{Usage} that lists the names.
[[nodiscard]] std::string_view toString(Rule rule);
[[nodiscard]] Rule parseRule(std::string_view name);
[[nodiscard]] std::string_view toString(KvPolicy policy);
[[nodiscard]] KvPolicy parseKvPolicy(std::string_view name);

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

} // namespace depthscope::settings
