// SPDX-License-Identifier: MIT
#include "engine/session/turns.h"

#include "engine/base/quantile.h"

#include <limits>

namespace depthscope::session {

namespace {

/// Enough for a steady median; long runs take fewer, noise is small beside them.
constexpr std::size_t kRounds = 9;
constexpr double kBudget = 1000; // ms
/// Fewer have no quartiles to speak of: they are taken past the budget, but not at any price.
constexpr std::size_t kLeastForSpread = 4;
constexpr double kMostBudget = 10 * kBudget;

} // namespace

Turns::Which Turns::next() const {
    const std::size_t done = m_times[kReference].size() + m_times[kRouted].size();
    return (done + 1) / 2 % 2 == 0 ? kReference : kRouted;
}

void Turns::add(double milliseconds) {
    m_times[next()].push_back(milliseconds);
    m_spent += milliseconds;
}

bool Turns::isEnough() const {
    const std::size_t rounds = m_times[kRouted].size();
    return rounds > 0 && rounds == m_times[kReference].size() &&
           (rounds >= kRounds || (rounds >= kLeastForSpread && m_spent >= kBudget) ||
            m_spent >= kMostBudget);
}

int Turns::rounds() const {
    return static_cast<int>(m_times[kRouted].size());
}

double Turns::median(Which which) const {
    return quantile(m_times[which], 0.5);
}

float Turns::spread() const {
    const std::vector<double>& reference = m_times[kReference];
    const std::vector<double>& routed = m_times[kRouted];
    if (routed.size() < kLeastForSpread || routed.size() != reference.size()) {
        return std::numeric_limits<float>::quiet_NaN();
    }
    std::vector<double> shares;
    for (std::size_t round = 0; round < routed.size(); ++round) {
        shares.push_back(100 * routed[round] / reference[round]);
    }
    return static_cast<float>((quantile(shares, 0.75) - quantile(shares, 0.25)) / 2);
}

} // namespace depthscope::session
