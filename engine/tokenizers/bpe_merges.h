// SPDX-License-Identifier: MIT
// The merge rules of byte-level BPE and their application to one word in O(n log n). Const after
// construction; any thread, each with its own MergeScratch. Throws nothing but std::bad_alloc.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace depthscope::tokenizers {

struct BpeMerge {
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::int32_t product = 0;
};

/// A piece while a word is being merged.
struct BpeSymbol {
    std::int32_t id = 0;
    std::uint32_t bytes = 0;
};

/// Working memory that calls share.
struct MergeScratch {
    struct Link {
        std::int64_t previous = -1;
        std::int64_t next = -1;
    };

    struct Candidate {
        std::uint32_t rank = 0;
        std::uint32_t at = 0;
        std::int32_t product = 0;
    };

    std::vector<Link> links;
    std::vector<Candidate> queue;
};

class BpeMerges {
public:
    /// Rules in order of rank, the strongest first. Of two rules for one pair the later one counts.
    explicit BpeMerges(const std::vector<BpeMerge>& rules);

    /// Merges neighbours, the strongest rule first and of equal ones the leftmost, until no rule
    /// fits.
    void apply(std::vector<BpeSymbol>& word, MergeScratch& scratch) const;

private:
    struct Rule {
        std::uint32_t rank = 0;
        std::int32_t product = 0;
    };

    [[nodiscard]] const Rule* rule(std::int32_t left, std::int32_t right) const;

    std::unordered_map<std::uint64_t, Rule> m_rules;
};

/// Key of an ordered pair of ids.
[[nodiscard]] constexpr std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U) |
           static_cast<std::uint32_t>(right);
}

} // namespace depthscope::tokenizers
