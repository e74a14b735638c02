// SPDX-License-Identifier: MIT
// Cuts text into the words that BPE never merges across: the `pre_tokenizer` of a tokenizer.json,
// with what some of them rewrite on the way (Metaspace, ByteLevel). Const after construction; any
// thread, each with its own Regex::Scratch. Throws Error{BadInput} naming file and field.
#pragma once

#include "engine/base/json.h"
#include "engine/tokenizers/normal_text.h"
#include "engine/tokenizers/regex.h"
#include "engine/tokenizers/word_cutter.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace depthscope::tokenizers {

/// What Metaspace writes in the place of a space.
inline constexpr const char* kMetaspace = "\xe2\x96\x81"; // U+2581

/// The `prepend_scheme` of a Metaspace step or decoder; files of before 2024 say add_prefix_space
/// in its place.
[[nodiscard]] std::string prependScheme(const JsonField& metaspace);

/// A stretch of text on its way to the model: what it has become, and its words, in order.
class CutText {
public:
    /// One word, the whole range. The range must be well-formed UTF-8.
    CutText(NormalView source, TextRange range);

    [[nodiscard]] NormalView view() const {
        return m_own ? NormalView{m_own->text, m_own->origin.data()} : m_source;
    }

    std::vector<TextRange> words; ///< in view()

    /// Rewrites the text: change(writer, word) writes a word up to its end.
    template <class Change>
    void rewrite(const Change& change);

private:
    NormalView m_source;
    std::optional<NormalText> m_own;
};

class PreTokenizer {
public:
    /// One word is the whole text.
    PreTokenizer() = default;
    explicit PreTokenizer(const JsonField& field);

    /// What trainBpe writes: every digit alone, then GPT-2's expression.
    static PreTokenizer digitsAndByteLevel();

    /// Whether ByteLevel is the last step: the vocabulary's letters stand for the bytes of words.
    /// Words stay bytes then; nothing writes letters.
    [[nodiscard]] bool endsInBytes() const { return m_endsInBytes; }

    void split(CutText& text, Regex::Scratch& scratch) const;

private:
    /// A space before every word that has none (ByteLevel's add_prefix_space).
    struct PrefixSpace {};

    /// Bytes become byte letters, where ByteLevel is not the last step.
    struct Letters {};

    /// Spaces become the mark, and words begin with it.
    struct Metaspace {
        enum class Prepend { Always, First, Never };

        std::string mark; ///< one character
        Prepend prepend = Prepend::Always;
        bool cutsWords = true;
    };

    using Step = std::variant<WordCutter, PrefixSpace, Letters, Metaspace>;

    void add(const JsonField& field, int depth);
    void addByteLevel(const JsonField& field);
    void addMetaspace(const JsonField& field);
    void addCutter(const JsonField& field, const std::string& type);

    static void apply(const PrefixSpace&, CutText& text, Regex::Scratch&);
    static void apply(const Letters&, CutText& text, Regex::Scratch&);
    static void apply(const Metaspace& step, CutText& text, Regex::Scratch& scratch);
    static void apply(const WordCutter& step, CutText& text, Regex::Scratch& scratch);

    std::vector<Step> m_steps;
    bool m_endsInBytes = false;
};

} // namespace depthscope::tokenizers
