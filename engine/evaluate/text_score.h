// SPDX-License-Identifier: MIT
// Measures a model on a text: loss, depth, and how well its router decides (docs/routing.md 3.4
// to 3.6). Windows of the context's length, each scored independently. Engine thread.
#pragma once

#include "engine/data/tokens.h"
#include "engine/models/language_model.h"

#include <array>
#include <cstdint>
#include <vector>

namespace depthscope::evaluate {

struct TextScore {
    std::int64_t tokens = 0; ///< tokens with a known likelihood
    double nllSum = 0;
    std::vector<float> losses; ///< [tokens] nats, in the text's order
    double depthSum = 0;
    double flopsSum = 0;
    std::int64_t depthTokens = 0;
    double accuracySum =
        0; ///< over windows; threshold decisions against top-k, so under top-k only
    std::int64_t accuracyTokens = 0;
    std::vector<std::int64_t> depthCounts;         ///< [R + 1] tokens by depth, from 0
    std::vector<std::int64_t> lastRecursionCounts; ///< per position of a full window

    struct Class {
        std::int64_t tokens = 0;
        double nllSum = 0;
        double depthSum = 0;
        std::vector<std::int64_t> depthCounts; ///< [R + 1] tokens by depth; empty: no token
    };

    std::array<Class, 256> classes{}; ///< by difficulty number

    /// The probability that a token of the class is deeper than one of another known class, ties
    /// half: 0.5 says nothing, below it the depth avoids the class. NaN without tokens of both.
    [[nodiscard]] double depthAuc(std::uint8_t difficulty) const;

    [[nodiscard]] double deadTokenRatio() const; ///< docs/routing.md 3.6; NaN without recursion
};

/// Scores windows one at a time, so that a job can be interrupted between them.
class TextScorer {
public:
    /// All outlive the scorer. `window` tokens at a time.
    TextScorer(const models::LanguageModel& model,
               const data::Tokens& tokens,
               spec::ResolvedRouting routing,
               std::int64_t window);

    /// Scores the next window; false when there is none left.
    bool step();

    [[nodiscard]] const TextScore& score() const { return m_score; }

    [[nodiscard]] double fraction() const;

private:
    void count(const models::Pass& pass, std::size_t begin, std::size_t length);

    const models::LanguageModel& m_model;
    const data::Tokens& m_tokens;
    spec::ResolvedRouting m_routing;
    std::size_t m_window;
    std::size_t m_next = 0;
    TextScore m_score;
};

} // namespace depthscope::evaluate
