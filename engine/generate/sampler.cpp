// SPDX-License-Identifier: MIT
#include "engine/generate/sampler.h"

#include "engine/base/error.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace depthscope::generate {

namespace {

void requireFinite(double value) {
    if (!std::isfinite(value)) {
        throw Error(ErrorCode::BadInput, "the model's logits are not finite",
                    "The weights are damaged; load another model.");
    }
}

} // namespace

Choice Sampler::likeliest(std::int32_t best, double nll) {
    requireFinite(nll);
    return {best, static_cast<float>(nll)};
}

Choice Sampler::choose(std::span<const float> logits) {
    const auto best = std::max_element(logits.begin(), logits.end());
    const double peak = *best;
    double total = 0;
    for (const float logit : logits) {
        total += std::exp(static_cast<double>(logit) - peak);
    }
    requireFinite(total);
    const auto choice = [&](std::int32_t id) {
        return Choice{
            id, static_cast<float>(std::log(total) + peak - logits[static_cast<std::size_t>(id)])};
    };
    if (isGreedy()) {
        return choice(static_cast<std::int32_t>(best - logits.begin()));
    }

    m_order.resize(logits.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::size_t kept = logits.size();
    if (m_settings.topK > 0) {
        kept = std::min(kept, static_cast<std::size_t>(m_settings.topK));
    }
    const auto likelier = [&](std::int32_t a, std::int32_t b) {
        const float la = logits[static_cast<std::size_t>(a)];
        const float lb = logits[static_cast<std::size_t>(b)];
        return la != lb ? la > lb : a < b;
    };
    std::partial_sort(m_order.begin(), m_order.begin() + static_cast<std::ptrdiff_t>(kept),
                      m_order.end(), likelier);

    m_weights.resize(kept);
    double sum = 0;
    for (std::size_t i = 0; i < kept; ++i) {
        const double logit = logits[static_cast<std::size_t>(m_order[i])];
        m_weights[i] = std::exp((logit - peak) / m_settings.temperature);
        sum += m_weights[i];
    }
    if (m_settings.topP < 1.0) {
        double reached = 0;
        std::size_t count = 0;
        while (count < kept && reached < m_settings.topP * sum) {
            reached += m_weights[count++];
        }
        kept = std::max<std::size_t>(1, count);
        sum = std::accumulate(m_weights.begin(),
                              m_weights.begin() + static_cast<std::ptrdiff_t>(kept), 0.0);
    }
    constexpr double kUnit = 1.0 / 9007199254740992.0; // 2^-53
    double ticket = static_cast<double>(m_random.next() >> 11U) * kUnit * sum;
    for (std::size_t i = 0; i + 1 < kept; ++i) {
        ticket -= m_weights[i];
        if (ticket < 0) {
            return choice(m_order[i]);
        }
    }
    return choice(m_order[kept - 1]);
}

} // namespace depthscope::generate
