// SPDX-License-Identifier: MIT
// Breaks the tokens of a text into lines: at spaces where that is possible, after every line end,
// inside a word only where it is wider than a line. Pure, any thread.
#pragma once

#include "engine/trace/trace_store.h"
#include "widgets/scene/text_service.h"

#include <string>
#include <vector>

namespace depthscope::instruments {

struct PlacedPiece {
    float x = 0; ///< from the left of the text
    float width = 0;
};

struct TextLine {
    int begin = 0; ///< token
    int end = 0;   ///< one past the last
};

struct TextLayout {
    std::vector<PlacedPiece> pieces; ///< one per token
    std::vector<TextLine> lines;

    /// The line that holds a token.
    [[nodiscard]] int lineOf(int token) const;
};

[[nodiscard]] TextLayout layOutText(const trace::RunView& run,
                                    const scene::TextService& text,
                                    const scene::TextStyle& style,
                                    float width);

} // namespace depthscope::instruments
