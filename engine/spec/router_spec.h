// SPDX-License-Identifier: MIT
// What a router of Mixture-of-Recursions is, whatever the block that it routes
// (docs/routing.md 3.1). A value; any thread.
#pragma once

#include <cstdint>

namespace depthscope::spec {

enum class RouterType : std::uint8_t { Expert, Token };
enum class RouterNet : std::uint8_t { Linear, Mlp, WideMlp };
enum class RouterFunction : std::uint8_t { Sigmoid, Tanh, Identity, Softmax };
/// How capacity times tokens becomes a number of tokens: text rounds down, as the release does,
/// video up.
enum class CapacityRounding : std::uint8_t { Down, Up };

struct RouterSpec {
    RouterType type = RouterType::Expert;
    RouterNet net = RouterNet::Linear;
    int wideFactor = 2; ///< hidden width of a wide MLP over D: 2 as released, 4 as in the paper
    RouterFunction function = RouterFunction::Sigmoid;
    double alpha = 0.1;         ///< scales the gate
    double temperature = 1.0;   ///< divides what the router reads
    bool weightedGating = true; ///< false: what a block returns is added as it is
    bool zLoss = false;         ///< training also keeps the logits small
    CapacityRounding rounding = CapacityRounding::Down;
    /// x moves towards what the block makes of it, x + gate (y - x); else that is added, x + gate
    /// y.
    bool movesTowards = false;
};

} // namespace depthscope::spec
