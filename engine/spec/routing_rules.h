// SPDX-License-Identifier: MIT
// What a routing request means for one model: the rule in force, whether it is causal, whether the
// model was trained so. Pure functions of values; any thread.
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

/// Rules that the model can follow in this use, for menus and messages.
[[nodiscard]] std::vector<settings::Rule> possibleRules(const LanguageSpec& config, RoutingUse use);

/// The rule that Rule::Model stands for in this use.
[[nodiscard]] settings::Rule standardRule(const LanguageSpec& config, RoutingUse use);

/// KV policies that the model can run with (routing.md 3.7).
[[nodiscard]] std::vector<settings::KvPolicy> possibleKv(const LanguageSpec& config);

/// Throws Error{Usage} naming the rule or KV policy that the model cannot do and those it can, and
/// Error{BadInput} naming the capacity when it has the wrong number of entries.
[[nodiscard]] ResolvedRouting
resolveRouting(const LanguageSpec& config, const settings::RoutingSettings& asked, RoutingUse use);

} // namespace depthscope::spec
