// SPDX-License-Identifier: MIT
// Splits text into the words that BPE never merges across: the `pre_tokenizer` of a tokenizer.json,
// as far as byte-level BPE has them (ByteLevel, Split, Digits, Sequence). Const after construction;
// any thread, each with its own Regex::Scratch. Throws Error{BadInput} naming file and field.
#pragma once

#include "engine/data/json_fields.h"
#include "engine/data/regex.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::data {

/// text[begin, end)
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool operator==(const TextRange&) const = default;
};

/// What BPE sees: text[begin, end), with a space before it that the text does not have where
/// ByteLevel adds one (add_prefix_space).
struct Word {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool spaceBefore = false;

    [[nodiscard]] bool operator==(const Word&) const = default;
};

class PreTokenizer {
public:
    explicit PreTokenizer(const JsonField& field);

    /// What trainBpe writes: every digit alone, then GPT-2's expression.
    static PreTokenizer digitsAndByteLevel();

    /// Words of text[range], in order. The range must be well-formed UTF-8.
    [[nodiscard]] std::vector<Word>
    split(std::string_view text, TextRange range, Regex::Scratch& scratch) const;

private:
    enum class Behavior { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

    struct Step {
        Regex regex;
        Behavior behavior = Behavior::Isolated;
        bool invert = false;
    };

    struct Part {
        TextRange range;
        bool matched = false;
    };

    PreTokenizer() = default;

    static Behavior behaviorOf(const JsonField& field);
    /// Parts of the word, with offsets into it.
    static void
    cut(const Step& step, std::string_view word, Regex::Scratch& scratch, std::vector<Part>& parts);
    static void join(const std::vector<Part>& parts, Behavior behavior, std::vector<Word>& words);

    void add(const JsonField& field, int depth);
    void addByteLevel(const JsonField& field);
    void addSplit(const JsonField& field);
    void addGptStep();
    /// ByteLevel's own step, where it adds a space: the expression sees that too.
    void spaceOut(std::string_view text, std::vector<Word>& words, Regex::Scratch& scratch) const;

    std::vector<Step> m_steps;
    std::optional<Step> m_spaced; ///< ByteLevel's expression, with add_prefix_space
    bool m_prefixSpace = false;
    bool m_byteLevel = false;
};

} // namespace depthscope::data
