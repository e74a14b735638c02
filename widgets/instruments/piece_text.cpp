// SPDX-License-Identifier: MIT
#include "widgets/instruments/piece_text.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "widgets/instruments/scene_writer.h"
#include "widgets/instruments/trace_text.h"

#include <algorithm>

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

} // namespace

std::optional<CharacterPart> partOfCharacter(const trace::RunView& run, std::size_t place) {
    if (!run.isText() || place >= run.pieces.size()) {
        return std::nullopt;
    }
    const std::string& piece = run.pieces[place];
    if (piece.empty() || piece.size() > kReach || hasCharacter(piece)) {
        return std::nullopt;
    }
    std::string around = piece;
    for (std::size_t t = place; t-- > 0 && around.size() < piece.size() + kReach;) {
        around = run.pieces[t] + around;
    }
    const std::size_t at = around.size() - piece.size();
    for (std::size_t t = place + 1;
         t < run.pieces.size() && around.size() < at + piece.size() + kReach; ++t) {
        around += run.pieces[t];
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
