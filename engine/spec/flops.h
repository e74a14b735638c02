// SPDX-License-Identifier: MIT
// Floating-point operations and KV bytes by closed form (docs/routing.md 4.2 and 3.7): 2 per weight
// of every Linear, the causal half of attention, norms and activations left out. Pure functions;
// any thread.
#pragma once

#include "engine/spec/language_spec.h"
#include "engine/spec/routing_rules.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::spec {

/// The work of the layers at one place in a step.
struct TokenWork {
    std::int64_t added = 0; ///< tokens that run here
    double pairs = 0;       ///< of a query and a key that it looks at
    bool makesKeys = true;  ///< false where another recursion's keys and values are read
};

/// `added` tokens after `cached` ones.
[[nodiscard]] TokenWork causalWork(std::int64_t added, std::int64_t cached);

/// Load of the unshared layers and of each recursion (those run; missing ones are empty).
struct StepWork {
    TokenWork unshared;
    std::vector<TokenWork> recursions;
    int loops = 0;               ///< MORE: of each expert
    std::int64_t headTokens = 0; ///< tokens for which logits are made
    int scorers = 1;             ///< routers that score a token: 2 with an auxiliary one
    /// Of trailing layers and head, run again after recursions whose predictions are watched.
    TokenWork again;
};

/// A step's tokens: the depth of each, the position of the first, and the entries
/// that each recursion had cached before (empty: none).
struct StepTokens {
    std::span<const std::uint8_t> depth;
    std::int64_t firstPosition = 0;
    std::span<const std::int64_t> cached; ///< where few recursions are kept, of their slots
};

/// The load of a step under a routing; headTokens are all. Where a looped model's exits choose the
/// answer and stop nobody, all recursions count for every token. Recursions that do not run at all
/// have no routers that do.
[[nodiscard]] StepWork
stepWork(const LanguageSpec& config, const ResolvedRouting& routing, const StepTokens& tokens);

[[nodiscard]] double stepFlops(const LanguageSpec& config, const StepWork& work);

/// The load at which every token runs every recursion.
[[nodiscard]] StepWork fullWork(const LanguageSpec& config, const StepWork& work);

/// KV bytes of one token in one layer.
[[nodiscard]] std::int64_t kvBytesPerLayer(const LanguageSpec& config, std::int64_t elementBytes);

/// Tokens whose keys and values block layers at recursion r (from 0) keep, when `kept` of `all` run
/// it (docs/routing.md 3.7). Where the last N recursions are kept (docs/looped.md 4), those of
/// recursion r mod N stand in the place of recursion r < N.
[[nodiscard]] std::int64_t
kvEntries(const settings::RoutingSettings& routing, int r, std::int64_t kept, std::int64_t all);

} // namespace depthscope::spec
