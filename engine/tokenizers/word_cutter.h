// SPDX-License-Identifier: MIT
// The cuts that pre-tokenizers make: each marks which parts of a word matched, and a behaviour
// determines what happens to them. Const after construction; any thread, each with its own
// Regex::Scratch. Throws what Regex throws.
#pragma once

#include "engine/tokenizers/normal_text.h"
#include "engine/tokenizers/regex.h"

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace depthscope::tokenizers {

/// What happens to the matched parts (`SplitDelimiterBehavior`).
enum class CutBehavior { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

/// The `behavior` of a Split or Punctuation.
[[nodiscard]] CutBehavior readBehavior(const JsonField& field);

struct CutPart {
    TextRange range;
    bool matched = false;
};

/// Parts of a word, from its begin to its end, without gaps; an empty match is a part too.
using WordCut =
    std::function<void(std::string_view word, Regex::Scratch&, std::vector<CutPart>& parts)>;

/// Every match of the expression.
[[nodiscard]] WordCut cutAtMatches(Regex regex);
/// Every single character of the kind.
[[nodiscard]] WordCut cutAtCharacters(bool (*isOfKind)(std::uint32_t codePoint));
/// Runs of word characters and runs of what is neither that nor white space; white space matches.
[[nodiscard]] WordCut cutAtWordBorders();
/// Runs of one script; spaces go with what stands before them, those in front match.
[[nodiscard]] WordCut cutAtScripts();

/// One step: cuts words and joins the parts by the behaviour.
class WordCutter {
public:
    WordCutter(WordCut cut, CutBehavior behavior, bool invert = false)
        : m_cut(std::move(cut))
        , m_behavior(behavior)
        , m_invert(invert) {}

    /// Each word is cut alone: what stands around it does not count.
    [[nodiscard]] std::vector<TextRange>
    cut(std::string_view text, const std::vector<TextRange>& words, Regex::Scratch& scratch) const;

private:
    void join(const std::vector<CutPart>& parts,
              std::uint32_t offset,
              std::vector<TextRange>& words) const;

    WordCut m_cut;
    CutBehavior m_behavior;
    bool m_invert;
};

} // namespace depthscope::tokenizers
