// SPDX-License-Identifier: MIT
#include "engine/data/pre_tokenizer.h"

#include <utility>

namespace depthscope::data {

namespace {

constexpr int kMaximumDepth = 4;
constexpr std::size_t kMaximumSteps = 16;

/// GPT-2's expression: contractions, words, numbers, other signs, white space.
constexpr const char* kGptPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

} // namespace

PreTokenizer::PreTokenizer(const JsonField& field) {
    add(field, 0);
    if (!m_byteLevel) {
        field.fail("has no ByteLevel step", "Only byte-level BPE tokenizers can be read.");
    }
}

PreTokenizer PreTokenizer::digitsAndByteLevel() {
    PreTokenizer splitter;
    splitter.m_steps.push_back(
        Step{Regex("\\p{N}", Regex::Kind::Pattern), Behavior::Isolated, false});
    splitter.addGptStep();
    return splitter;
}

void PreTokenizer::add(const JsonField& field, int depth) {
    if (m_byteLevel) {
        field.fail("stands after the ByteLevel step", "ByteLevel must be the last step.");
    }
    if (depth > kMaximumDepth || m_steps.size() >= kMaximumSteps) {
        field.fail("has too many steps");
    }
    const std::string& type = field.at("type").string();
    if (type == "Sequence") {
        const JsonField steps = field.at("pretokenizers");
        const std::size_t count = steps.arraySize(kMaximumSteps);
        for (std::size_t i = 0; i < count; ++i) {
            add(steps.item(i), depth + 1);
        }
    } else if (type == "ByteLevel") {
        addByteLevel(field);
    } else if (type == "Split") {
        addSplit(field);
    } else if (type == "Digits") {
        const bool alone = field.boolean("individual_digits", false);
        m_steps.push_back(Step{Regex("\\p{N}", Regex::Kind::Pattern),
                               alone ? Behavior::Isolated : Behavior::Contiguous, false});
    } else {
        field.fail("has the type \"" + type + "\", which is not supported",
                   "Supported are ByteLevel, Split, Digits and Sequence.");
    }
}

void PreTokenizer::addByteLevel(const JsonField& field) {
    m_prefixSpace = field.boolean("add_prefix_space", true);
    if (field.boolean("use_regex", true)) {
        addGptStep();
        if (m_prefixSpace) {
            m_spaced = std::move(m_steps.back());
            m_steps.pop_back();
        }
    }
    m_byteLevel = true;
}

void PreTokenizer::addGptStep() {
    m_steps.push_back(Step{Regex(kGptPattern, Regex::Kind::Pattern), Behavior::Isolated, false});
}

void PreTokenizer::addSplit(const JsonField& field) {
    const Behavior behavior = behaviorOf(field.at("behavior"));
    const bool invert = field.boolean("invert", false);
    m_steps.push_back(Step{readPattern(field.at("pattern")), behavior, invert});
}

PreTokenizer::Behavior PreTokenizer::behaviorOf(const JsonField& field) {
    const std::string& name = field.string();
    if (name == "Isolated") {
        return Behavior::Isolated;
    }
    if (name == "Removed") {
        return Behavior::Removed;
    }
    if (name == "MergedWithPrevious") {
        return Behavior::MergedWithPrevious;
    }
    if (name == "MergedWithNext") {
        return Behavior::MergedWithNext;
    }
    if (name != "Contiguous") {
        field.fail("is \"" + name + "\", which is not supported");
    }
    return Behavior::Contiguous;
}

void PreTokenizer::join(const std::vector<Part>& parts,
                        Behavior behavior,
                        std::vector<Word>& words) {
    // Each behaviour says which neighbours form one word.
    bool previous = false;
    bool first = true;
    for (const Part& part : parts) {
        if (behavior == Behavior::Removed && part.matched) {
            continue;
        }
        const bool glued =
            !first && ((behavior == Behavior::Contiguous && part.matched == previous) ||
                       (behavior == Behavior::MergedWithPrevious && part.matched && !previous) ||
                       (behavior == Behavior::MergedWithNext && !part.matched && previous));
        if (glued) {
            words.back().end = part.range.end;
        } else {
            words.push_back({part.range.begin, part.range.end, false});
        }
        previous = part.matched;
        first = false;
    }
    std::erase_if(words, [](const Word& word) { return word.begin == word.end; });
}

void PreTokenizer::cut(const Step& step,
                       std::string_view word,
                       Regex::Scratch& scratch,
                       std::vector<Part>& parts) {
    const auto put = [&](std::size_t begin, std::size_t end, bool matched) {
        parts.push_back({{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)},
                         matched != step.invert});
    };
    std::size_t done = 0;
    step.regex.forEachMatch(word, scratch, [&](const Match& match) {
        if (done < match.begin) {
            put(done, match.begin, false);
        }
        put(match.begin, match.end, true); // an empty match parts its neighbours
        done = match.end;
    });
    if (done < word.size()) {
        put(done, word.size(), false);
    }
}

std::vector<Word>
PreTokenizer::split(std::string_view text, TextRange range, Regex::Scratch& scratch) const {
    std::vector<Word> words;
    if (range.begin < range.end) {
        words.push_back({range.begin, range.end, false});
    }
    std::vector<Part> parts;
    for (const Step& step : m_steps) {
        std::vector<Word> next;
        std::vector<Word> pieces;
        for (const Word& word : words) {
            // The expression sees the word alone: what stands around it does not count.
            parts.clear();
            pieces.clear();
            cut(step, text.substr(word.begin, word.end - word.begin), scratch, parts);
            join(parts, step.behavior, pieces);
            for (const Word& piece : pieces) {
                next.push_back({word.begin + piece.begin, word.begin + piece.end, false});
            }
        }
        words = std::move(next);
    }
    if (m_prefixSpace) {
        spaceOut(text, words, scratch);
    }
    return words;
}

void PreTokenizer::spaceOut(std::string_view text,
                            std::vector<Word>& words,
                            Regex::Scratch& scratch) const {
    std::vector<Word> result;
    std::vector<Part> parts;
    for (const Word& word : words) {
        const bool added = text[word.begin] != ' ';
        if (!m_spaced) {
            result.push_back({word.begin, word.end, added});
            continue;
        }
        const std::string spaced =
            (added ? " " : "") + std::string(text.substr(word.begin, word.end - word.begin));
        parts.clear();
        cut(*m_spaced, spaced, scratch, parts);
        for (const Part& part : parts) {
            const std::uint32_t shift = added ? 1 : 0;
            const bool holdsSpace = added && part.range.begin == 0;
            result.push_back({word.begin + part.range.begin - (holdsSpace ? 0 : shift),
                              word.begin + part.range.end - shift, holdsSpace});
        }
    }
    words = std::move(result);
}

} // namespace depthscope::data
