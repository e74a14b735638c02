// SPDX-License-Identifier: MIT
#include "engine/tokenizers/bpe_trainer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/bpe.h"
#include "engine/tokenizers/byte_letters.h"
#include "engine/tokenizers/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr std::string_view kEndOfText = "<|endoftext|>";
constexpr std::int32_t kFirstMerge = 257;
constexpr std::int32_t kMaximumVocabulary = 65536;

/// Longer words (text without spaces, binary data) are counted in pieces: each merge walks whole
/// words.
constexpr std::size_t kLongestWord = 512;

/// Texts go to the splitter in stretches of this size, so that its word lists stay small.
constexpr std::uint32_t kStretch = 1U << 20U;

std::int32_t leftOf(std::uint64_t pair) {
    return static_cast<std::int32_t>(pair >> 32U);
}

std::int32_t rightOf(std::uint64_t pair) {
    return static_cast<std::int32_t>(pair & 0xffffffffU);
}

nlohmann::ordered_json byteLevel(bool useRegex) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", false},
            {"trim_offsets", true},
            {"use_regex", useRegex}};
}

std::string toFile(const BpeTrainer& trainer) {
    using Json = nlohmann::ordered_json;
    const ByteLetters letters;
    std::vector<std::string> pieces{std::string(kEndOfText)};
    for (std::size_t id = 1; id < trainer.pieces().size(); ++id) {
        pieces.push_back(letters.toLetters(trainer.pieces()[id]));
    }
    Json vocabulary = Json::object();
    // ordered_json searches its keys one by one: fill the underlying vector instead.
    auto& entries = vocabulary.get_ref<Json::object_t&>();
    entries.reserve(pieces.size());
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        entries.push_back({pieces[id], Json(id)});
    }
    Json merges = Json::array();
    for (const BpeMerge& merge : trainer.merges()) {
        merges.push_back(pieces[static_cast<std::size_t>(merge.left)] + " " +
                         pieces[static_cast<std::size_t>(merge.right)]);
    }
    Json file;
    file["version"] = "1.0";
    file["truncation"] = nullptr;
    file["padding"] = nullptr;
    file["added_tokens"] = Json::array({{{"id", 0},
                                         {"content", kEndOfText},
                                         {"single_word", false},
                                         {"lstrip", false},
                                         {"rstrip", false},
                                         {"normalized", false},
                                         {"special", true}}});
    file["normalizer"] = nullptr;
    file["pre_tokenizer"] = {
        {"type", "Sequence"},
        {"pretokenizers",
         Json::array({{{"type", "Digits"}, {"individual_digits", true}}, byteLevel(true)})}};
    file["post_processor"] = nullptr;
    file["decoder"] = byteLevel(true);
    file["model"] = {{"type", "BPE"},
                     {"dropout", nullptr},
                     {"unk_token", nullptr},
                     {"continuing_subword_prefix", nullptr},
                     {"end_of_word_suffix", nullptr},
                     {"fuse_unk", false},
                     {"byte_fallback", false},
                     {"ignore_merges", false},
                     {"vocab", std::move(vocabulary)},
                     {"merges", std::move(merges)}};
    return file.dump(1) + "\n";
}

} // namespace

void BpeTrainer::add(std::string_view text, const PreTokenizer& splitter) {
    while (true) {
        const std::size_t special = text.find(kEndOfText);
        std::string_view part = text.substr(0, special);
        while (!part.empty()) {
            const std::size_t end = utf8RunEnd(part, 0);
            addValid(part.substr(0, end), splitter);
            // An invalid byte is a word of one letter: nothing to count.
            part.remove_prefix(std::min(part.size(), end + 1));
        }
        if (special == std::string_view::npos) {
            return;
        }
        text.remove_prefix(special + kEndOfText.size());
    }
}

void BpeTrainer::addValid(std::string_view text, const PreTokenizer& splitter) {
    while (!text.empty()) {
        std::size_t length = std::min<std::size_t>(kStretch, text.size());
        while (length < text.size() && isContinuation(text[length])) {
            --length;
        }
        CutText cut({text}, {0, static_cast<std::uint32_t>(length)});
        splitter.split(cut, m_scratch);
        for (const TextRange& word : cut.words) {
            for (std::uint32_t at = word.begin; at < word.end; at += kLongestWord) {
                count(text.substr(at, std::min<std::size_t>(kLongestWord, word.end - at)));
            }
        }
        text.remove_prefix(length);
    }
}

void BpeTrainer::count(std::string_view word) {
    if (word.size() > 1) {
        ++m_counts[std::string(word)];
    }
}

void BpeTrainer::start() {
    m_pieces.assign(1, std::string(kEndOfText));
    for (int byte = 0; byte < 256; ++byte) {
        m_pieces.emplace_back(1, static_cast<char>(byte));
    }
    for (std::size_t id = 1; id < m_pieces.size(); ++id) {
        m_ids[m_pieces[id]] = static_cast<std::int32_t>(id);
    }
    m_words.reserve(m_counts.size());
    for (const auto& [text, count] : m_counts) {
        Word word;
        word.count = count;
        for (const char byte : text) {
            word.ids.push_back(static_cast<unsigned char>(byte) + 1);
        }
        m_words.push_back(std::move(word));
    }
    m_counts.clear();
    for (std::uint32_t word = 0; word < m_words.size(); ++word) {
        countPairs(word, 1);
    }
    for (const auto& [pair, entry] : m_pairs) {
        m_queue.push({entry.count, pair});
    }
    m_changed.clear();
}

void BpeTrainer::countPairs(std::uint32_t word, std::int64_t sign) {
    const Word& w = m_words[word];
    for (std::size_t i = 0; i + 1 < w.ids.size(); ++i) {
        const std::uint64_t key = pairKey(w.ids[i], w.ids[i + 1]);
        Pair& pair = m_pairs[key];
        pair.count += sign * w.count;
        if (sign > 0) {
            m_changed.push_back(key);
            if (pair.words.empty() || pair.words.back() != word) {
                pair.words.push_back(word);
            }
        }
    }
}

void BpeTrainer::learn(std::int32_t vocabularySize) {
    start();
    while (static_cast<std::int32_t>(m_pieces.size()) < vocabularySize && !m_queue.empty()) {
        const Candidate top = m_queue.top();
        m_queue.pop();
        const auto found = m_pairs.find(top.pair);
        const std::int64_t count = found == m_pairs.end() ? 0 : found->second.count;
        if (count < top.count) {
            // Merges since then have used some of them up.
            if (count > 0) {
                m_queue.push({count, top.pair});
            }
            continue;
        }
        merge(top.pair);
    }
}

std::int32_t BpeTrainer::productOf(std::uint64_t pair) {
    const std::string text = m_pieces[static_cast<std::size_t>(leftOf(pair))] +
                             m_pieces[static_cast<std::size_t>(rightOf(pair))];
    const auto [entry, isNew] = m_ids.try_emplace(text, static_cast<std::int32_t>(m_pieces.size()));
    if (isNew) {
        m_pieces.push_back(text);
    }
    return entry->second;
}

void BpeTrainer::merge(std::uint64_t pair) {
    const std::int32_t left = leftOf(pair);
    const std::int32_t right = rightOf(pair);
    const std::int32_t product = productOf(pair);
    m_merges.push_back({left, right, product});
    std::vector<std::uint32_t> words = std::move(m_pairs.at(pair).words);
    std::ranges::sort(words);
    const auto repeated = std::ranges::unique(words);
    words.erase(repeated.begin(), repeated.end());
    m_changed.clear();
    for (const std::uint32_t word : words) {
        countPairs(word, -1);
        std::vector<std::int32_t>& ids = m_words[word].ids;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const bool here = ids[i] == left && i + 1 < ids.size() && ids[i + 1] == right;
            ids[kept++] = here ? product : ids[i];
            i += here ? 1 : 0;
        }
        ids.resize(kept);
        countPairs(word, 1);
    }
    m_pairs.erase(pair);
    std::ranges::sort(m_changed);
    const auto same = std::ranges::unique(m_changed);
    m_changed.erase(same.begin(), same.end());
    for (const std::uint64_t key : m_changed) {
        if (const auto found = m_pairs.find(key);
            found != m_pairs.end() && found->second.count > 0) {
            m_queue.push({found->second.count, key});
        }
    }
}

std::string trainBpe(std::span<const std::string> texts, std::int32_t vocabularySize) {
    if (vocabularySize < kFirstMerge || vocabularySize > kMaximumVocabulary) {
        throw Error(ErrorCode::Usage,
                    fmt::format("vocabulary: {} must be between {} and {}", vocabularySize,
                                kFirstMerge, kMaximumVocabulary),
                    "The 256 byte tokens and the end-of-text token are always included.");
    }
    const PreTokenizer splitter = PreTokenizer::digitsAndByteLevel();
    BpeTrainer trainer;
    for (const std::string& text : texts) {
        trainer.add(text, splitter);
    }
    trainer.learn(vocabularySize);
    return toFile(trainer);
}

} // namespace depthscope::tokenizers
