// SPDX-License-Identifier: MIT
#include "engine/tokenizers/bpe_merges.h"

#include <algorithm>

namespace depthscope::tokenizers {

namespace {

/// Heap order: the candidate that std::pop_heap hands out is the strongest, then the leftmost.
bool later(const MergeScratch::Candidate& a, const MergeScratch::Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.at > b.at;
}

} // namespace

BpeMerges::BpeMerges(const std::vector<BpeMerge>& rules) {
    m_rules.reserve(rules.size());
    for (std::size_t rank = 0; rank < rules.size(); ++rank) {
        m_rules[pairKey(rules[rank].left, rules[rank].right)] =
            Rule{static_cast<std::uint32_t>(rank), rules[rank].product};
    }
}

const BpeMerges::Rule* BpeMerges::rule(std::int32_t left, std::int32_t right) const {
    const auto found = m_rules.find(pairKey(left, right));
    return found == m_rules.end() ? nullptr : &found->second;
}

void BpeMerges::apply(std::vector<BpeSymbol>& word, MergeScratch& scratch) const {
    std::vector<MergeScratch::Link>& links = scratch.links;
    std::vector<MergeScratch::Candidate>& queue = scratch.queue;
    const auto count = static_cast<std::int64_t>(word.size());
    links.resize(word.size());
    queue.clear();
    const auto symbol = [&word](std::int64_t at) -> BpeSymbol& {
        return word[static_cast<std::size_t>(at)];
    };
    const auto link = [&links](std::int64_t at) -> MergeScratch::Link& {
        return links[static_cast<std::size_t>(at)];
    };
    const auto consider = [&](std::int64_t left, std::int64_t right) {
        if (left < 0 || right < 0) {
            return;
        }
        if (const Rule* found = rule(symbol(left).id, symbol(right).id)) {
            queue.push_back({found->rank, static_cast<std::uint32_t>(left), found->product});
            std::ranges::push_heap(queue, later);
        }
    };
    for (std::int64_t i = 0; i < count; ++i) {
        link(i) = {i - 1, i + 1 < count ? i + 1 : -1};
    }
    for (std::int64_t i = 0; i + 1 < count; ++i) {
        consider(i, i + 1);
    }
    while (!queue.empty()) {
        std::ranges::pop_heap(queue, later);
        const MergeScratch::Candidate top = queue.back();
        queue.pop_back();
        const std::int64_t left = top.at;
        const std::int64_t right = link(left).next;
        if (symbol(left).bytes == 0 || right < 0) {
            continue;
        }
        // The pair may have changed since it was queued.
        const Rule* found = rule(symbol(left).id, symbol(right).id);
        if (found == nullptr || found->product != top.product) {
            continue;
        }
        symbol(left) = {top.product, symbol(left).bytes + symbol(right).bytes};
        symbol(right).bytes = 0;
        link(left).next = link(right).next;
        if (link(right).next >= 0) {
            link(link(right).next).previous = left;
        }
        consider(link(left).previous, left);
        consider(left, link(left).next);
    }
    std::erase_if(word, [](const BpeSymbol& s) { return s.bytes == 0; });
}

} // namespace depthscope::tokenizers
