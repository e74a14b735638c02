// SPDX-License-Identifier: MIT
// Floating-point operations and KV bytes by closed form (routing.md 4.2 and 3.7): 2 per weight of
// every Linear, the causal half of attention, norms and activations left out. Pure functions; any
// thread.
#pragma once

#include "engine/models/config.h"

#include <cstdint>
#include <vector>

namespace depthscope::models {

/// Tokens that a step adds at one place, and those already cached there.
struct TokenLoad {
    std::int64_t added = 0;
    std::int64_t cached = 0;
};

/// Load of the unshared layers and of each recursion (those run; missing ones are empty).
struct StepLoad {
    TokenLoad unshared;
    std::vector<TokenLoad> recursions;
    std::int64_t headTokens = 0; ///< tokens for which logits are made
};

[[nodiscard]] double stepFlops(const ModelConfig& config, const StepLoad& load);

/// The load at which every token runs every recursion.
[[nodiscard]] StepLoad fullLoad(const ModelConfig& config, const StepLoad& load);

/// KV bytes of one token in one layer.
[[nodiscard]] std::int64_t kvBytesPerLayer(const ModelConfig& config, std::int64_t elementBytes);

} // namespace depthscope::models
