// SPDX-License-Identifier: MIT
// The added tokens of a tokenizer.json: texts such as <|endoftext|> that are found before anything
// else splits the text; those marked `normalized` in what the normalizer made of it. Leftmost
// match, then longest. Const after construction; any thread.
#pragma once

#include "engine/tokenizers/normal_text.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::tokenizers {

struct AddedToken {
    std::int32_t id = 0;
    std::string content;     ///< what is found; where `normalized`, as the normalizer leaves it
    bool singleWord = false; ///< only where no word character stands beside it
    bool leftStrip = false;  ///< takes the white space before it
    bool rightStrip = false; ///< takes the white space after it
    bool normalized = false; ///< found in the normalized text, after all others
};

/// A stretch of text: an added token, or text between them (id -1).
struct Segment {
    TextRange range;
    std::int32_t id = -1;
};

class AddedTokens {
public:
    enum class Pass { Raw, Normalized };

    explicit AddedTokens(const std::vector<AddedToken>& tokens);

    /// Segments that together cover text[range], which must be well-formed UTF-8.
    [[nodiscard]] std::vector<Segment>
    split(Pass pass, std::string_view text, TextRange range) const;

private:
    /// Sorted by content, so that every further byte of the text narrows the candidates.
    using Set = std::vector<AddedToken>;

    [[nodiscard]] static const AddedToken* longestAt(const Set& set, std::string_view text);
    static void
    splitBy(const Set& set, std::string_view text, TextRange range, std::vector<Segment>& result);

    Set m_raw;
    Set m_normalized;
};

} // namespace depthscope::tokenizers
