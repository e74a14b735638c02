// SPDX-License-Identifier: MIT
#include "engine/tokenizers/word_cutter.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/characters.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace depthscope::tokenizers {

namespace {

void put(std::vector<CutPart>& parts, std::size_t begin, std::size_t end, bool matched) {
    parts.push_back(
        {{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, matched});
}

/// each(code point, begin, end) of a well-formed text.
template <class Each>
void forEachCharacter(std::string_view text, const Each& each) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8Length(text, at);
        each(utf8CodePoint(text, at, length), at, at + length);
        at += length;
    }
}

} // namespace

CutBehavior readBehavior(const JsonField& field) {
    constexpr std::array<std::pair<std::string_view, CutBehavior>, 5> kNames{
        {{"Isolated", CutBehavior::Isolated},
         {"Removed", CutBehavior::Removed},
         {"MergedWithPrevious", CutBehavior::MergedWithPrevious},
         {"MergedWithNext", CutBehavior::MergedWithNext},
         {"Contiguous", CutBehavior::Contiguous}}};
    const std::string_view name = field.string();
    const auto* found = std::ranges::find(kNames, name, &decltype(kNames)::value_type::first);
    if (found == kNames.end()) {
        field.fail(fmt::format("is \"{}\", which is not supported", name));
    }
    return found->second;
}

WordCut cutAtMatches(Regex regex) {
    const auto shared = std::make_shared<const Regex>(std::move(regex));
    return [shared](std::string_view word, Regex::Scratch& scratch, std::vector<CutPart>& parts) {
        std::size_t done = 0;
        shared->forEachMatch(word, scratch, [&](const Match& match) {
            if (done < match.begin) {
                put(parts, done, match.begin, false);
            }
            put(parts, match.begin, match.end, true); // an empty match parts its neighbours
            done = match.end;
        });
        if (done < word.size()) {
            put(parts, done, word.size(), false);
        }
    };
}

WordCut cutAtCharacters(bool (*isOfKind)(std::uint32_t)) {
    return [isOfKind](std::string_view word, Regex::Scratch&, std::vector<CutPart>& parts) {
        std::size_t done = 0;
        forEachCharacter(word, [&](std::uint32_t code, std::size_t begin, std::size_t end) {
            if (!isOfKind(code)) {
                return;
            }
            if (done < begin) {
                put(parts, done, begin, false);
            }
            put(parts, begin, end, true);
            done = end;
        });
        if (done < word.size()) {
            put(parts, done, word.size(), false);
        }
    };
}

WordCut cutAtWordBorders() {
    enum class Kind { Space, Word, Other };
    return [](std::string_view word, Regex::Scratch&, std::vector<CutPart>& parts) {
        Kind last = Kind::Space;
        forEachCharacter(word, [&](std::uint32_t code, std::size_t begin, std::size_t end) {
            const Kind kind = isWordCharacter(code)  ? Kind::Word
                              : isUnicodeSpace(code) ? Kind::Space
                                                     : Kind::Other;
            if (begin > 0 && kind == last) {
                parts.back().range.end = static_cast<std::uint32_t>(end);
            } else {
                put(parts, begin, end, kind == Kind::Space);
            }
            last = kind;
        });
    };
}

WordCut cutAtScripts() {
    return [](std::string_view word, Regex::Scratch&, std::vector<CutPart>& parts) {
        int last = kAnyScript; // the last that was not a space
        forEachCharacter(word, [&](std::uint32_t code, std::size_t begin, std::size_t end) {
            const int script = scriptOf(code);
            const bool goesOn = script == kAnyScript || script == last;
            if (begin > 0 && goesOn) {
                parts.back().range.end = static_cast<std::uint32_t>(end);
            } else {
                put(parts, begin, end, script == kAnyScript);
            }
            last = script == kAnyScript ? last : script;
        });
    };
}

std::vector<TextRange> WordCutter::cut(std::string_view text,
                                       const std::vector<TextRange>& words,
                                       Regex::Scratch& scratch) const {
    std::vector<TextRange> result;
    std::vector<CutPart> parts;
    for (const TextRange& word : words) {
        parts.clear();
        m_cut(text.substr(word.begin, word.end - word.begin), scratch, parts);
        join(parts, word.begin, result);
    }
    return result;
}

void WordCutter::join(const std::vector<CutPart>& parts,
                      std::uint32_t offset,
                      std::vector<TextRange>& words) const {
    // Each behaviour says which neighbours form one word.
    const std::size_t before = words.size();
    bool previous = false;
    for (const CutPart& part : parts) {
        const bool matched = part.matched != m_invert;
        if (m_behavior == CutBehavior::Removed && matched) {
            continue;
        }
        const bool glued =
            words.size() > before &&
            ((m_behavior == CutBehavior::Contiguous && matched == previous) ||
             (m_behavior == CutBehavior::MergedWithPrevious && matched && !previous) ||
             (m_behavior == CutBehavior::MergedWithNext && !matched && previous));
        if (glued) {
            words.back().end = offset + part.range.end;
        } else {
            words.push_back({offset + part.range.begin, offset + part.range.end});
        }
        previous = matched;
    }
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(before);
    words.erase(std::remove_if(first, words.end(),
                               [](const TextRange& word) { return word.begin == word.end; }),
                words.end());
}

} // namespace depthscope::tokenizers
