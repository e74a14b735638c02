// SPDX-License-Identifier: MIT
// Chooses the next token from logits: greedy, or by temperature, top-k and top-p with a seeded
// generator whose numbers are the same on every machine. Owned by a generation; engine thread.
#pragma once

#include "engine/base/random.h"
#include "engine/settings/lab.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::generate {

struct Choice {
    std::int32_t id = 0;
    float nll = 0; ///< -ln p of the choice at temperature 1, before top-k and top-p
};

class Sampler {
public:
    explicit Sampler(const settings::GenerationSettings& settings)
        : m_settings(settings)
        , m_random(settings.seed) {}

    /// logits [V]. Equal logits: the lowest id wins. Throws Error{BadInput} if none is finite.
    [[nodiscard]] Choice choose(std::span<const float> logits);

    /// It takes the likeliest token.
    [[nodiscard]] bool isGreedy() const { return m_settings.temperature == 0.0; }

    /// The choice of a greedy sampler, found elsewhere. Throws as choose() does.
    [[nodiscard]] static Choice likeliest(std::int32_t best, double nll);

private:
    settings::GenerationSettings m_settings;
    SplitMix m_random;
    std::vector<std::int32_t> m_order;
    std::vector<double> m_weights;
};

} // namespace depthscope::generate
