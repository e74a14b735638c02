// SPDX-License-Identifier: MIT
#include "engine/data/pre_tokenizer.h"

#include "engine/base/error.h"
#include "engine/data/utf8.h"

#include <algorithm>
#include <utility>

namespace depthscope::data {

namespace {

constexpr int kMaximumDepth = 4;
constexpr std::size_t kMaximumSteps = 16;
constexpr std::size_t kMaximumPattern = 10'000;

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
    if (field.boolean("add_prefix_space", true)) {
        field.fail("adds a space before the text (add_prefix_space), which is not supported");
    }
    if (field.boolean("use_regex", true)) {
        addGptStep();
    }
    m_byteLevel = true;
}

void PreTokenizer::addGptStep() {
    m_steps.push_back(Step{Regex(kGptPattern, Regex::Kind::Pattern), Behavior::Isolated, false});
}

void PreTokenizer::addSplit(const JsonField& field) {
    const JsonField pattern = field.at("pattern");
    const std::optional<JsonField> literal = pattern.find("String");
    const JsonField text = literal ? *literal : pattern.at("Regex");
    if (text.string().empty() || text.string().size() > kMaximumPattern) {
        text.fail("is empty or too long");
    }
    const Behavior behavior = behaviorOf(field.at("behavior"));
    const bool invert = field.boolean("invert", false);
    try {
        Regex regex(text.string(), literal ? Regex::Kind::Literal : Regex::Kind::Pattern);
        m_steps.push_back(Step{std::move(regex), behavior, invert});
    } catch (const Error& error) {
        text.fail(": " + error.message());
    }
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
                        std::vector<TextRange>& words) {
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
            words.push_back(part.range);
        }
        previous = part.matched;
        first = false;
    }
}

void PreTokenizer::cut(const Step& step,
                       std::string_view word,
                       Regex::Scratch& scratch,
                       std::vector<Part>& parts) {
    const auto put = [&](std::size_t begin, std::size_t end, bool matched) {
        if (begin < end) {
            parts.push_back({{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)},
                             matched != step.invert});
        }
    };
    std::size_t done = 0;
    std::size_t from = 0;
    while (from < word.size()) {
        const std::optional<Match> match = step.regex.find(word, from, scratch);
        if (!match) {
            break;
        }
        put(done, match->begin, false);
        put(match->begin, match->end, true);
        done = match->end;
        from = match->end;
        if (match->begin == match->end) {
            from += std::max<std::size_t>(1, utf8Length(word, from));
        }
    }
    put(done, word.size(), false);
}

std::vector<TextRange>
PreTokenizer::split(std::string_view text, TextRange range, Regex::Scratch& scratch) const {
    std::vector<TextRange> words{range};
    std::vector<Part> parts;
    for (const Step& step : m_steps) {
        std::vector<TextRange> next;
        for (const TextRange word : words) {
            // The expression sees the word alone: what stands around it does not count.
            parts.clear();
            cut(step, text.substr(word.begin, word.end - word.begin), scratch, parts);
            for (Part& part : parts) {
                part.range.begin += word.begin;
                part.range.end += word.begin;
            }
            join(parts, step.behavior, next);
        }
        words = std::move(next);
    }
    return words;
}

} // namespace depthscope::data
