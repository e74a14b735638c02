// SPDX-License-Identifier: MIT
// Pieces back to text: the `decoder` of a tokenizer.json (ByteLevel, Metaspace, Replace,
// ByteFallback, Fuse, Strip and sequences of them). Const after construction; any thread. Throws
// Error{BadInput} naming file and field.
#pragma once

#include "engine/base/json.h"
#include "engine/tokenizers/regex.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace depthscope::tokenizers {

class Decoder {
public:
    /// What a file without a decoder means: byte letters where it splits with ByteLevel, else the
    /// pieces with a space between any two.
    explicit Decoder(bool bytes);
    explicit Decoder(const JsonField& field);

    /// Whether a text is the concatenation of its tokens, independent of context.
    [[nodiscard]] bool isPlain() const;

    /// Bytes of a piece in the middle of a text.
    [[nodiscard]] std::string piece(std::string_view content) const;

    /// Bytes of a whole text. Byte letters and <0xE9> may leave bytes that are not UTF-8.
    [[nodiscard]] std::string text(std::vector<std::string> pieces) const;

private:
    /// Byte letters become bytes; all pieces become one.
    struct Bytes {};

    /// <0xE9> and its neighbours become the characters that they spell.
    struct ByteFallback {};

    /// All pieces become one.
    struct Fuse {};

    /// All pieces become one, a space between any two.
    struct Spaced {};

    struct Metaspace {
        std::string mark;
        bool dropsFirst = true; ///< marks of the first piece are not in the text
    };

    struct Replace {
        std::shared_ptr<const Regex> pattern;
        std::string content;
    };

    /// Characters that each piece may begin and end with.
    struct Strip {
        std::string character;
        std::size_t begin = 0; ///< at most so many
        std::size_t end = 0;
    };

    using Step = std::variant<Bytes, ByteFallback, Fuse, Spaced, Metaspace, Replace, Strip>;
    using Pieces = std::vector<std::string>;

    void add(const JsonField& field, int depth);

    static void apply(const Bytes&, Pieces& pieces);
    static void apply(const ByteFallback&, Pieces& pieces);
    static void apply(const Fuse&, Pieces& pieces);
    static void apply(const Spaced&, Pieces& pieces);
    static void apply(const Metaspace& step, Pieces& pieces);
    static void apply(const Replace& step, Pieces& pieces);
    static void apply(const Strip& step, Pieces& pieces);

    std::vector<Step> m_steps;
};

} // namespace depthscope::tokenizers
