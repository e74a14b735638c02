// SPDX-License-Identifier: MIT
// Learns the merges of a byte-level BPE from counted words. Lives for one training, one thread.
// Deterministic: ties go to the pair of lowest ids.
#pragma once

#include "engine/tokenizers/bpe_merges.h"
#include "engine/tokenizers/regex.h"

#include <cstdint>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace depthscope::tokenizers {

class PreTokenizer;

class BpeTrainer {
public:
    /// Counts the words of a text; <|endoftext|> in it parts texts.
    void add(std::string_view text, const PreTokenizer& splitter);

    /// Byte strings of all pieces by id, the special token (id 0) as it is written. Call once.
    void learn(std::int32_t vocabularySize);

    [[nodiscard]] const std::vector<std::string>& pieces() const { return m_pieces; }

    [[nodiscard]] const std::vector<BpeMerge>& merges() const { return m_merges; }

private:
    struct Word {
        std::vector<std::int32_t> ids;
        std::int64_t count = 0;
    };

    struct Pair {
        std::int64_t count = 0;
        std::vector<std::uint32_t> words; ///< that have held it; each at most twice in a row
    };

    struct Candidate {
        std::int64_t count = 0;
        std::uint64_t pair = 0;

        /// The queue's top is the most frequent pair, of equal ones that of lowest ids.
        [[nodiscard]] bool operator<(const Candidate& other) const {
            return count != other.count ? count < other.count : pair > other.pair;
        }
    };

    void addValid(std::string_view text, const PreTokenizer& splitter);
    void count(std::string_view word);
    void start();
    /// Adds (sign 1) or takes away (sign -1) the pairs of a word.
    void countPairs(std::uint32_t word, std::int64_t sign);
    void merge(std::uint64_t pair);
    [[nodiscard]] std::int32_t productOf(std::uint64_t pair);

    std::unordered_map<std::string, std::int64_t> m_counts;
    Regex::Scratch m_scratch;
    std::vector<Word> m_words;
    std::unordered_map<std::uint64_t, Pair> m_pairs;
    std::priority_queue<Candidate> m_queue;
    std::vector<std::uint64_t> m_changed; ///< pairs that one merge made more frequent
    std::vector<std::string> m_pieces;
    std::unordered_map<std::string, std::int32_t> m_ids;
    std::vector<BpeMerge> m_merges;
};

} // namespace depthscope::tokenizers
