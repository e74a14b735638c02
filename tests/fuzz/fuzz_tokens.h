// SPDX-License-Identifier: MIT
// What every tokenizer owes, however hostile its file. One thread.
#pragma once

#include "engine/tokenizers/tokenizer.h"

#include <cstdlib>
#include <string_view>
#include <vector>

namespace depthscope::fuzz {

/// The ids of a text. Ends the program where ranges leave gaps or an id is outside the vocabulary.
inline std::vector<std::int32_t> encodeSoundly(const tokenizers::Tokenizer& tokenizer,
                                               std::string_view text) {
    std::vector<std::int32_t> ids;
    std::uint32_t at = 0;
    for (const tokenizers::Piece& piece : tokenizer.encode(text)) {
        if (piece.begin != at || piece.end < at || piece.id < 0 || piece.id >= tokenizer.size()) {
            std::abort();
        }
        at = piece.end;
        ids.push_back(piece.id);
    }
    return ids;
}

} // namespace depthscope::fuzz
