// SPDX-License-Identifier: MIT
// A 3-gram language model over token ids: the baseline that a demo model has to beat. Interpolated
// Kneser-Ney (Chen and Goodman 1999, equations 20 to 24), one discount n1 / (n1 + 2 n2) per order,
// the lowest order interpolated with the uniform distribution. Owned by its user; const after fit,
// any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace depthscope::evaluate {

class NgramModel {
public:
    /// Throws Error{BadInput} for ids outside [0, vocabulary), fewer than three ids, or a
    /// vocabulary above 2^21.
    static NgramModel fit(std::span<const std::int32_t> ids, std::int32_t vocabulary);

    /// p(id | the two before it), or | the one before it where `before` has one, or without
    /// context. Uses the last two of `before`.
    [[nodiscard]] double probability(std::span<const std::int32_t> before, std::int32_t id) const;

    /// Mean of -ln p over the ids after the first, in nats. NaN for fewer than two ids. Throws
    /// Error{BadInput} for ids outside the vocabulary.
    [[nodiscard]] double meanNll(std::span<const std::int32_t> ids) const;

private:
    /// Counts of one order: of n-grams, and summed over their last id.
    struct Order {
        std::vector<std::uint64_t> grams;    ///< sorted keys
        std::vector<std::uint32_t> counts;   ///< of each gram
        std::vector<std::uint64_t> contexts; ///< sorted keys: the gram without its last id
        std::vector<std::uint64_t> totals;   ///< of each context: sum of counts
        std::vector<std::uint32_t> kinds;    ///< of each context: number of different grams
        double discount = 0;
    };

    NgramModel() = default;

    static Order orderOf(std::vector<std::uint64_t> occurrences);
    /// max(c - D, 0) / total + D kinds / total * lower; `lower` alone for a context never seen.
    [[nodiscard]] static double
    interpolate(const Order& order, std::uint64_t context, std::uint64_t gram, double lower);
    void check(std::span<const std::int32_t> ids) const;

    std::int32_t m_vocabulary = 0;
    Order m_unigram; ///< counts: different left neighbours of w
    Order m_bigram;  ///< counts: different left neighbours of v w
    Order m_trigram; ///< counts: occurrences
};

} // namespace depthscope::evaluate
