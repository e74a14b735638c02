// SPDX-License-Identifier: MIT
// Bytes to token ids and back, with the byte range of every piece. Const after loading; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::tokenizers {

/// One token of an encoded text: text[begin, end) is what it stands for.
struct Piece {
    std::int32_t id = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] bool operator==(const Piece&) const = default;
};

/// Makes the ranges cover a text of `size` bytes: what lies before a piece and belongs to none is
/// the piece's, what follows the last one is the last one's.
void closeGaps(std::vector<Piece>& pieces, std::uint32_t size);

/// Throws Error{BadInput} for a text of more than `most` bytes: a tokenizer cannot number them.
void checkLength(std::string_view text, std::uint64_t most);

class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// Any bytes, invalid UTF-8 included. The ranges are in order and together cover the text.
    /// Throws Error{BadInput} naming the byte offset where a piece is not in the vocabulary
    /// (character vocabularies).
    [[nodiscard]] virtual std::vector<Piece> encode(std::string_view text) const = 0;

    /// Bytes of one piece; empty for ids outside the vocabulary.
    [[nodiscard]] virtual std::string bytes(std::int32_t id) const = 0;

    /// Ids that stand in front of every prompt by the tokenizer's own rules; encode() leaves them
    /// to its caller.
    [[nodiscard]] virtual std::vector<std::int32_t> promptStart() const { return {}; }

    /// Number of ids, added tokens included.
    [[nodiscard]] virtual std::int32_t size() const = 0;

    /// Stable hash of vocabulary and rules: token streams and checkpoints store it.
    [[nodiscard]] virtual std::uint64_t hash() const = 0;

    /// Text of a whole sequence. The concatenated bytes of the tokens, without what a tokenizer
    /// prepends to every text.
    [[nodiscard]] virtual std::string decode(const std::vector<std::int32_t>& ids) const;
};

/// The tokenizer of a model folder: tokenizer.json (byte-level BPE), tokenizer.model
/// (SentencePiece; before a tokenizer.json of another kind), or vocabulary.json with
/// {"type": "characters", "characters": "..."} or {"type": "bytes"}. Null where the folder has none
/// of them. Throws Error{BadInput} that names file and field.
[[nodiscard]] std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& folder);

} // namespace depthscope::tokenizers
