// SPDX-License-Identifier: MIT
#include "widgets/instruments/piece_text.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <cstdint>
#include <iterator>

namespace depthscope::instruments {

namespace {

constexpr const char* kDash = "\xE2\x80\x93";
/// A character has four bytes at most: the others of it stand within three.
constexpr std::size_t kReach = 3;

bool hasCharacter(const std::string& piece) {
    for (std::size_t at = 0; at < piece.size(); ++at) {
        if (utf8Length(piece, at) > 0) {
            return true;
        }
    }
    return false;
}

std::string span(const CharacterPart& part, const scene::TextService& text) {
    const std::string first = text.number(part.first, 0);
    return part.first == part.last ? first
                                   : fmt::format("{}{}{}", first, kDash, text.number(part.last, 0));
}

/// The bytes of a token as its step has them; a run gives a character to the first of its tokens.
std::optional<std::string> ownBytes(const trace::RunView& run, std::int64_t place) {
    const trace::TextContent* text = run.latest ? run.latest->text() : nullptr;
    if (text == nullptr || place < 0) {
        return std::nullopt;
    }
    const std::int64_t n = place + run.firstPlace - run.latest->routing.firstPlace;
    if (n < 0 || n >= std::ssize(text->ids)) {
        return std::nullopt;
    }
    return text->piece(static_cast<std::size_t>(n));
}

std::optional<CharacterPart>
partByBytes(const trace::RunView& run, std::int64_t place, const std::string& piece) {
    if (piece.empty() || piece.size() > kReach || hasCharacter(piece)) {
        return std::nullopt;
    }
    std::string around = piece;
    for (std::int64_t t = place - 1; around.size() < piece.size() + kReach; --t) {
        const auto before = ownBytes(run, t);
        if (!before) {
            break;
        }
        around = *before + around;
    }
    const std::size_t at = around.size() - piece.size();
    for (std::int64_t t = place + 1; around.size() < at + piece.size() + kReach; ++t) {
        const auto after = ownBytes(run, t);
        if (!after) {
            break;
        }
        around += *after;
    }
    std::size_t begin = at;
    while (begin > 0 && at - begin < kReach && isContinuation(around[begin])) {
        --begin;
    }
    const std::size_t length = utf8Length(around, begin);
    if (begin + length < at + piece.size()) {
        return std::nullopt;
    }
    const auto first = static_cast<int>(at - begin) + 1;
    return CharacterPart{around.substr(begin, length), first,
                         first + static_cast<int>(piece.size()) - 1, static_cast<int>(length)};
}

/// Of an earlier step, whose bytes are joined: as many tokens as bytes have one each.
std::optional<CharacterPart> partByCount(const trace::RunView& run, std::size_t place) {
    std::size_t first = place;
    while (first > 0 && run.pieces[first].empty()) {
        --first;
    }
    const std::string& joined = run.pieces[first];
    std::size_t tokens = 1;
    while (first + tokens < run.pieces.size() && run.pieces[first + tokens].empty()) {
        ++tokens;
    }
    if (joined.empty()) {
        return std::nullopt;
    }
    const std::size_t begin = characterBefore(joined, joined.size());
    const std::size_t length = utf8Length(joined, begin);
    const bool holdsMore = place == first && begin > 0;
    if (length < 2 || length != tokens || begin + length != joined.size() || holdsMore) {
        return std::nullopt;
    }
    const auto number = static_cast<int>(place - first) + 1;
    return CharacterPart{joined.substr(begin), number, number, static_cast<int>(length)};
}

} // namespace

std::optional<CharacterPart> partOfCharacter(const trace::RunView& run, std::size_t place) {
    if (!run.isText() || place >= run.pieces.size()) {
        return std::nullopt;
    }
    const std::string& joined = run.pieces[place];
    if (!joined.empty() && static_cast<unsigned char>(joined.back()) < 0x80) {
        return std::nullopt; // ends with a whole character
    }
    const auto at = static_cast<std::int64_t>(place);
    const auto own = ownBytes(run, at);
    return own ? partByBytes(run, at, *own) : partByCount(run, place);
}

std::string partText(const CharacterPart& part, const scene::TextService& text) {
    return fill(part.first == part.last ? text.translate("byte %1 of %2")
                                        : text.translate("bytes %1 of %2"),
                {span(part, text), part.character});
}

std::string
inlineText(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    if (const auto part = partOfCharacter(run, place)) {
        return fmt::format("{} {}/{}", part->character, span(*part, text),
                           text.number(part->bytes, 0));
    }
    return readable(run.pieces[place]);
}

std::string
columnWord(const trace::RunView& run, std::size_t place, const scene::TextService& text) {
    std::string word = inlineText(run, place, text);
    const std::size_t begin = word.find_first_not_of(' ');
    return begin == std::string::npos ? scene::showPiece(run.pieces[place]) : word.substr(begin);
}

} // namespace depthscope::instruments
