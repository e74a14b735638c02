// SPDX-License-Identifier: MIT
#include "engine/tokenizers/pre_tokenizer.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/byte_letters.h"
#include "engine/tokenizers/characters.h"

#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr int kMaximumDepth = 4;
constexpr std::size_t kMaximumSteps = 64; ///< DeepSeek's and Kimi's sequences have about ten

/// GPT-2's expression: contractions, words, numbers, other signs, white space.
constexpr const char* kGptPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

WordCutter gptCutter() {
    return {cutAtMatches(Regex(kGptPattern, Regex::Kind::Pattern)), CutBehavior::Isolated};
}

} // namespace

std::string prependScheme(const JsonField& metaspace) {
    const bool prepends = metaspace.boolean("add_prefix_space", true);
    return metaspace.string("prepend_scheme", prepends ? "always" : "never");
}

CutText::CutText(NormalView source, TextRange range)
    : m_source(source) {
    if (range.begin < range.end) {
        words.push_back(range);
    }
}

template <class Change>
void CutText::rewrite(const Change& change) {
    if (words.empty()) {
        return;
    }
    // What lies between two words stays, so that words keep their own ends.
    NormalTextWriter writer(view(), {words.front().begin, words.back().end});
    for (TextRange& word : words) {
        const TextRange before = word;
        writer.keepTo(before.begin);
        word.begin = writer.size();
        change(writer, before);
        writer.keepTo(before.end);
        word.end = writer.size();
    }
    m_own = writer.finish();
}

PreTokenizer::PreTokenizer(const JsonField& field) {
    add(field, 0);
    if (!m_steps.empty() && std::holds_alternative<Letters>(m_steps.back())) {
        m_steps.pop_back();
        m_endsInBytes = true;
    }
}

PreTokenizer PreTokenizer::digitsAndByteLevel() {
    PreTokenizer splitter;
    splitter.m_steps.emplace_back(WordCutter(cutAtCharacters(isNumeric), CutBehavior::Isolated));
    splitter.m_steps.emplace_back(gptCutter());
    splitter.m_endsInBytes = true;
    return splitter;
}

void PreTokenizer::add(const JsonField& field, int depth) {
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
    } else if (type == "Metaspace") {
        addMetaspace(field);
    } else {
        addCutter(field, type);
    }
}

void PreTokenizer::addByteLevel(const JsonField& field) {
    if (field.boolean("add_prefix_space", true)) {
        m_steps.emplace_back(PrefixSpace{});
    }
    if (field.boolean("use_regex", true)) {
        m_steps.emplace_back(gptCutter());
    }
    m_steps.emplace_back(Letters{});
}

void PreTokenizer::addMetaspace(const JsonField& field) {
    using Prepend = Metaspace::Prepend;
    Metaspace step;
    step.mark = field.character("replacement", kMetaspace);
    step.cutsWords = field.boolean("split", true);
    const std::string prepend = prependScheme(field);
    if (prepend != "always" && prepend != "first" && prepend != "never") {
        field.at("prepend_scheme").fail("must be \"always\", \"first\" or \"never\"");
    }
    if (!field.boolean("add_prefix_space", true) && prepend != "never") {
        field.at("prepend_scheme").fail("contradicts add_prefix_space");
    }
    step.prepend = prepend == "always"  ? Prepend::Always
                   : prepend == "first" ? Prepend::First
                                        : Prepend::Never;
    m_steps.emplace_back(std::move(step));
}

void PreTokenizer::addCutter(const JsonField& field, const std::string& type) {
    const auto cut = [this](WordCut how, CutBehavior behavior, bool invert = false) {
        m_steps.emplace_back(WordCutter(std::move(how), behavior, invert));
    };
    if (type == "Split") {
        cut(cutAtMatches(readPattern(field.at("pattern"))), readBehavior(field.at("behavior")),
            field.boolean("invert", false));
    } else if (type == "Digits") {
        cut(cutAtCharacters(isNumeric), field.boolean("individual_digits", false)
                                            ? CutBehavior::Isolated
                                            : CutBehavior::Contiguous);
    } else if (type == "Punctuation") {
        const std::optional<JsonField> behavior = field.find("behavior");
        cut(cutAtCharacters(isPunctuation),
            behavior ? readBehavior(*behavior) : CutBehavior::Isolated);
    } else if (type == "Whitespace") {
        cut(cutAtWordBorders(), CutBehavior::Removed);
    } else if (type == "WhitespaceSplit") {
        cut(cutAtCharacters(isUnicodeSpace), CutBehavior::Removed);
    } else if (type == "CharDelimiterSplit") {
        const std::string delimiter = field.character("delimiter", "");
        cut(cutAtMatches(Regex(delimiter, Regex::Kind::Literal)), CutBehavior::Removed);
    } else if (type == "BertPreTokenizer") {
        cut(cutAtCharacters(isUnicodeSpace), CutBehavior::Removed);
        cut(cutAtCharacters(isPunctuation), CutBehavior::Isolated);
    } else if (type == "UnicodeScripts") {
        cut(cutAtScripts(), CutBehavior::Removed);
    } else {
        field.fail(fmt::format("has the type \"{}\", which is not supported", type),
                   "Supported are ByteLevel, Split, Digits, Punctuation, Whitespace, "
                   "WhitespaceSplit, Metaspace, CharDelimiterSplit, BertPreTokenizer, "
                   "UnicodeScripts and Sequence.");
    }
}

void PreTokenizer::split(CutText& text, Regex::Scratch& scratch) const {
    for (const Step& step : m_steps) {
        std::visit([&](const auto& kind) { apply(kind, text, scratch); }, step);
    }
}

void PreTokenizer::apply(const WordCutter& step, CutText& text, Regex::Scratch& scratch) {
    text.words = step.cut(text.view().text, text.words, scratch);
}

void PreTokenizer::apply(const PrefixSpace&, CutText& text, Regex::Scratch&) {
    const NormalView view = text.view();
    text.rewrite([&](NormalTextWriter& writer, TextRange word) {
        if (view.text[word.begin] != ' ') {
            writer.replaceTo(word.begin, " ");
        }
    });
}

void PreTokenizer::apply(const Letters&, CutText& text, Regex::Scratch&) {
    const ByteLetters letters;
    const NormalView view = text.view();
    text.rewrite([&](NormalTextWriter& writer, TextRange word) {
        for (std::uint32_t at = word.begin; at < word.end; ++at) {
            writer.replaceTo(at + 1, letters.letter(static_cast<std::uint8_t>(view.text[at])));
        }
    });
}

void PreTokenizer::apply(const Metaspace& step, CutText& text, Regex::Scratch& scratch) {
    const NormalView view = text.view();
    text.rewrite([&](NormalTextWriter& writer, TextRange word) {
        const std::string_view part = view.part(word);
        const bool marked = part.starts_with(' ') || part.starts_with(step.mark);
        const bool wanted =
            step.prepend == Metaspace::Prepend::Always ||
            (step.prepend == Metaspace::Prepend::First && view.offset(word.begin) == 0);
        if (wanted && !marked) {
            writer.replaceTo(word.begin, step.mark);
        }
        for (std::uint32_t at = word.begin; at < word.end; ++at) {
            if (view.text[at] == ' ') {
                writer.keepTo(at);
                writer.replaceTo(at + 1, step.mark);
            }
        }
    });
    if (step.cutsWords) {
        const WordCutter cutter(cutAtMatches(Regex(step.mark, Regex::Kind::Literal)),
                                CutBehavior::MergedWithNext);
        apply(cutter, text, scratch);
    }
}

} // namespace depthscope::tokenizers
