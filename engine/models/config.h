// SPDX-License-Identifier: MIT
// The shape of a language model as its folder declares it: the Llama fields of config.json and the
// official `mor` / `recursive` objects of mor_config.json (routing.md 2, 3). A value; any thread.
#pragma once

#include "engine/base/fraction.h"
#include "engine/settings/routing.h"

#include <cstdint>
#include <string>
#include <vector>

namespace depthscope::models {

enum class Family : std::uint8_t { Llama, MorLlama };
enum class RouterType : std::uint8_t { Expert, Token };
enum class RouterNet : std::uint8_t { Linear, Mlp };
enum class RouterFunction : std::uint8_t { Sigmoid, Tanh, Identity, Softmax };
enum class Sharing : std::uint8_t { Cycle, MiddleCycle };

/// Mixture-of-Recursions fields; meaning and defaults of routing.md 3.
struct MorConfig {
    RouterType type = RouterType::Expert;
    RouterNet net = RouterNet::Linear;
    RouterFunction function = RouterFunction::Sigmoid;
    Sharing sharing = Sharing::MiddleCycle;
    int recursions = 3;
    std::vector<Fraction> capacity; ///< one per recursion; expert-choice
    double alpha = 0.1;
    double temperature = 1.0;
    bool weightedGating = true;
    double auxCoefficient = 0.001;   ///< expert-choice, BCE of 3.4
    double balanceCoefficient = 0.1; ///< token-choice, 3.5
    bool zLoss = false;
    double zCoefficient = 0.001;
};

struct ModelConfig {
    Family family = Family::Llama;
    std::int64_t vocabulary = 0;
    std::int64_t width = 0; ///< D
    std::int64_t ffn = 0;
    std::int64_t layers = 0; ///< unrolled depth L
    std::int64_t heads = 0;  ///< H
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t context = 0; ///< max_position_embeddings
    double ropeTheta = 10000.0;
    double normEpsilon = 1e-5;
    bool tiedHead = true;
    std::int64_t eosToken = -1; ///< -1: none
    MorConfig mor;              ///< meaningful when family is MorLlama

    [[nodiscard]] bool hasRecursion() const { return family == Family::MorLlama; }

    /// Layers outside the recursion: 2 with Middle-Cycle, 0 with Cycle, all for Llama.
    [[nodiscard]] std::int64_t unsharedLayers() const;
    /// Layers of the shared block (base depth b of routing.md 2.3); 0 for Llama.
    [[nodiscard]] std::int64_t blockLayers() const;

    [[nodiscard]] int recursions() const { return hasRecursion() ? mor.recursions : 1; }
};

/// The unrolled layer l's shared weight slot (routing.md 2.3), for 0 <= l < layers.
[[nodiscard]] std::int64_t sharedSlot(const ModelConfig& config, std::int64_t layer);

/// Throws Error{BadInput} naming `file` and the field for sizes that are absurd or contradict each
/// other.
void checkConfig(const ModelConfig& config, const std::string& file);

[[nodiscard]] const char* toString(RouterFunction function);

} // namespace depthscope::models
