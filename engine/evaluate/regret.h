// SPDX-License-Identifier: MIT
// Routing regret: what a router's depths lose against the best depths found by trying each depth
// for each token, the others unchanged (docs/routing.md 5). Not a formula of the papers: our own
// measure, a lower bound of what the best of all R^T depths would save. Never below 0, and never
// more at equal cost than without a limit. Engine thread. Letters: T tokens of a window,
// R recursions.
#pragma once

#include "engine/models/language_model.h"

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::evaluate {

/// Tokens measured together by jobs: the cost grows with the square.
inline constexpr std::int64_t kRegretWindow = 48;

struct Regret {
    std::int64_t tokens = 0;   ///< with a known likelihood
    double routedSum = 0;      ///< nats under the router's depths
    double bestSum = 0;        ///< nats under the best depths found
    double equalCostSum = 0;   ///< the same, with no more recursion steps than the router spent
    double routedDepthSum = 0; ///< recursion steps
    double bestDepthSum = 0;
    std::int64_t depthTokens = 0;

    /// Nats per token that other depths would have saved, at least.
    [[nodiscard]] double perToken() const {
        return (routedSum - bestSum) / static_cast<double>(tokens);
    }

    [[nodiscard]] double perTokenAtEqualCost() const {
        return (routedSum - equalCostSum) / static_cast<double>(tokens);
    }
};

/// Measures window after window, so that a job can be interrupted between them.
class RegretMeter {
public:
    /// All outlive the meter. A window of T tokens costs T · R + 4 passes of its length, 32 of
    /// them at a time.
    RegretMeter(const models::LanguageModel& model,
                std::span<const std::int32_t> ids,
                spec::ResolvedRouting routing,
                std::int64_t window);

    /// Measures the next window; false when there is none left.
    bool step();

    [[nodiscard]] const Regret& regret() const { return m_regret; }

private:
    [[nodiscard]] std::vector<double> totals(const at::Tensor& ids, const at::Tensor& depths) const;

    const models::LanguageModel& m_model;
    std::span<const std::int32_t> m_ids;
    spec::ResolvedRouting m_routing;
    std::size_t m_window;
    std::size_t m_next = 0;
    Regret m_regret;
};

} // namespace depthscope::evaluate
