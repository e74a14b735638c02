// SPDX-License-Identifier: MIT
// What stands for a token whose bytes are only a part of a character, as byte-level vocabularies
// have them, and the words of tokens where room is short. Pure, any thread.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/scene/text_service.h"

#include <cstddef>
#include <optional>
#include <string>

namespace depthscope::instruments {

/// Bytes `first` to `last` of a character of `bytes` bytes; they count from 1.
struct CharacterPart {
    std::string character;
    int first = 1;
    int last = 1;
    int bytes = 1;
};

/// Nothing where the token holds whole characters, or where its neighbours do not complete one.
[[nodiscard]] std::optional<CharacterPart> partOfCharacter(const trace::RunView& run,
                                                           std::size_t place);

/// "byte 2 of X", "bytes 1-2 of X"
[[nodiscard]] std::string partText(const CharacterPart& part, const scene::TextService& text);

/// The token as it stands in a line of text: its characters, or "X 2/3" for a part of one.
[[nodiscard]] std::string
inlineText(const trace::RunView& run, std::size_t place, const scene::TextService& text);

/// The token below its column: as in a line of text, without the space before a word.
[[nodiscard]] std::string
columnWord(const trace::RunView& run, std::size_t place, const scene::TextService& text);

} // namespace depthscope::instruments
