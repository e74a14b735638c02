// SPDX-License-Identifier: MIT
// The rules by which the depth of a token is decided, and what each of them needs. Values; any
// thread. Meaning: docs/routing.md 3.2 (top-k), 3.5 (token-choice), 3.8 (threshold, fixed),
// docs/looped.md 2 and 6 (looped models).
#pragma once

#include <cstdint>

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

/// Whether a rule decides by one number: tau or an exit probability, from 0 to 1, or a change.
[[nodiscard]] constexpr bool hasThreshold(Rule rule) {
    return comparesWithTau(rule) || rule == Rule::Exit || watchesChange(rule);
}

} // namespace depthscope::settings
