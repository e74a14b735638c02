// SPDX-License-Identifier: MIT
// Quantities of predictions by plain loops in fp64, as what the engine makes of tensors is held
// against.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace depthscope::tests {

using Row = std::vector<double>; ///< logits, or logarithms of probabilities, of one token

inline Row logProbabilities(const Row& logits) {
    const double most = *std::ranges::max_element(logits);
    double sum = 0;
    for (const double value : logits) {
        sum += std::exp(value - most);
    }
    Row made;
    for (const double value : logits) {
        made.push_back(value - most - std::log(sum));
    }
    return made;
}

inline double entropyOf(const Row& logP) {
    double sum = 0;
    for (const double value : logP) {
        sum -= std::exp(value) * value;
    }
    return sum;
}

inline double divergenceOf(const Row& logP, const Row& logQ) {
    double sum = 0;
    for (std::size_t v = 0; v < logP.size(); ++v) {
        sum += std::exp(logP[v]) * (logP[v] - logQ[v]);
    }
    return sum;
}

inline Row likelyOnly(const Row& logP) {
    const double least = 0.1 * std::exp(*std::ranges::max_element(logP));
    Row kept;
    double sum = 0;
    for (const double value : logP) {
        const double p = std::exp(value);
        kept.push_back(p < least ? 1.0 / static_cast<double>(logP.size()) : p);
        sum += kept.back();
    }
    for (double& p : kept) {
        p = std::log(p / sum);
    }
    return kept;
}

/// 1 + those that are larger by more than `slack`.
inline int rankOf(const Row& logits, std::size_t id, double slack) {
    return 1 + static_cast<int>(std::ranges::count_if(
                   logits, [&](double other) { return other > logits[id] + slack; }));
}

inline double dot(const Row& a, const Row& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

} // namespace depthscope::tests
