// SPDX-License-Identifier: MIT
// Text as token ids with difficulty classes. Plain values; any thread. Throws what the tokenizer
// throws.
#pragma once

#include "engine/data/classed_text.h"
#include "engine/tokenizers/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace depthscope::data {

struct Tokens {
    std::vector<std::int32_t> ids;
    std::vector<std::uint8_t> classes; ///< trace::Difficulty or kNoClass per id; empty: none known

    [[nodiscard]] bool operator==(const Tokens&) const = default;
};

/// Class of each token: that of its last byte that is not Frame, else Frame, else kNoClass if none
/// of its bytes has one. The ranges must be in order.
[[nodiscard]] std::vector<std::uint8_t> classesOf(std::span<const tokenizers::Piece> pieces,
                                                  std::span<const ClassRange> ranges);

/// The classes are empty where the text has none.
[[nodiscard]] Tokens tokenize(const tokenizers::Tokenizer& tokenizer, const ClassedText& text);

/// Unicode characters per token: nats per token / ln 2 / this = bits per character. An invalid byte
/// that cannot continue a character counts as one; 0 tokens give 1.
[[nodiscard]] double charactersPerToken(const tokenizers::Tokenizer& tokenizer,
                                        std::span<const std::int32_t> ids);

/// A text file of any size, read in chunks of 1 MiB (TextFile::forEachPiece). Throws
/// Error{BadInput} naming the file.
[[nodiscard]] Tokens tokenizeFile(const tokenizers::Tokenizer& tokenizer,
                                  const std::filesystem::path& file);

/// Adds a piece's bytes, and where they end, to a text that is shown piece by piece.
void appendPiece(const tokenizers::Tokenizer& tokenizer,
                 std::int32_t id,
                 std::string& text,
                 std::vector<std::uint32_t>& ends);

} // namespace depthscope::data
