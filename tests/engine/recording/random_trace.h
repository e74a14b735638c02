// SPDX-License-Identifier: MIT
// Random but sound steps, and their comparison bit for bit. For tests of recording and replay.
#pragma once

#include "engine/recording/recording.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace depthscope::tests {

class RandomTrace {
public:
    explicit RandomTrace(std::uint32_t seed)
        : m_random(seed) {}

    /// `steps` steps of one run; the first has up to `tokens` tokens, the others one.
    [[nodiscard]] std::vector<trace::StepPtr>
    run(std::uint64_t number, trace::RunRole role, int steps, int tokens);

    [[nodiscard]] recording::Recipe recipe();
    [[nodiscard]] std::string bytes(std::size_t count);
    [[nodiscard]] int below(int limit);

private:
    [[nodiscard]] trace::StepTrace step(int tokens, int recursions, bool isSparse);
    [[nodiscard]] settings::RoutingSettings routing();
    [[nodiscard]] trace::ModelInfo model();
    [[nodiscard]] std::vector<trace::ExpertChoices> experts(std::size_t tokens);
    [[nodiscard]] float oddFloat();
    [[nodiscard]] double oddDouble();

    std::mt19937 m_random;
};

/// Name of the first field that differs in any bit; empty if none does. Logits are not compared.
[[nodiscard]] std::string differenceOf(const trace::StepTrace& one, const trace::StepTrace& other);

} // namespace depthscope::tests
