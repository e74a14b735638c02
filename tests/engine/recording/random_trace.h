// SPDX-License-Identifier: MIT
// Random but sound steps. For tests of recording and replay.
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

    /// `steps` steps of one run over text; the first has up to `tokens` tokens, the others one.
    [[nodiscard]] std::vector<trace::StepPtr>
    run(std::uint64_t number, const trace::RunKey& key, int steps, int tokens);

    /// `steps` steps of one denoising run over a grid of places without content. The first visits
    /// all places, the others all or some of them again.
    [[nodiscard]] std::vector<trace::StepPtr>
    grid(std::uint64_t number, const trace::RunKey& key, int steps);

    [[nodiscard]] recording::RunSetup recipe();
    [[nodiscard]] std::string bytes(std::size_t count);
    [[nodiscard]] int below(int limit);

private:
    /// Everything but where its places are and what stands in them.
    [[nodiscard]] trace::StepTrace step(std::size_t places, int recursions, bool isSparse);
    [[nodiscard]] trace::TextContent text(std::size_t tokens, bool isSparse);
    [[nodiscard]] settings::RoutingSettings routing();
    [[nodiscard]] spec::ModelInfo model();
    void addClasses(trace::RoutingStep& routing, const trace::ClassSetPtr& set);
    [[nodiscard]] std::vector<trace::ExpertChoices> experts(std::size_t places,
                                                            const std::vector<int>& perPlace);
    [[nodiscard]] float oddFloat();
    [[nodiscard]] double oddDouble();

    std::mt19937 m_random;
};

} // namespace depthscope::tests
