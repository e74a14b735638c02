// SPDX-License-Identifier: MIT
// What a routing request means for one model: the resulting rule, whether it is causal, and whether
// the model was trained with it. Pure functions of values; any thread.
#pragma once

#include "engine/spec/language_spec.h"
#include "engine/spec/resolved_routing.h"

#include <cstdint>
#include <vector>

namespace depthscope::spec {

enum class RoutingUse : std::uint8_t {
    Pass,       ///< one whole sequence: any rule
    Generation, ///< token by token: causal rules only
};

/// Rules that the model supports in this use, for menus and messages.
[[nodiscard]] std::vector<settings::Rule> possibleRules(const LanguageSpec& config, RoutingUse use);

/// The rule that Rule::Model stands for in this use.
[[nodiscard]] settings::Rule standardRule(const LanguageSpec& config, RoutingUse use);

/// KV policies that the model can run with (docs/routing.md 3.7).
[[nodiscard]] std::vector<settings::KvPolicy> possibleKv(const LanguageSpec& config);

/// Throws Error{Usage} naming the unsupported rule or KV policy and the supported ones, and
/// Error{BadInput} naming the capacity when it has the wrong number of entries.
[[nodiscard]] ResolvedRouting resolveRouting(const LanguageSpec& config,
                                             const settings::RoutingSettings& requested,
                                             RoutingUse use);

} // namespace depthscope::spec
