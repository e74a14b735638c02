// SPDX-License-Identifier: MIT
// A token stream file (F.bin): ids and classes of a text, so that training needs no text. Layout,
// little-endian:
//   0 "DSTOKENS"   8 u32 version (1)   12 u32 vocabulary size   16 u64 vocabulary hash   24 u64
//   count 32 u32 bytes per id (2 for vocabularies up to 65536, else 4)   36 u32 has classes (0, 1)
//   40 ids, then one byte of class per id if there are classes. Nothing follows.
// Throws Error{BadInput} naming file and field; writing throws Error{OutOfMemory} where the disk is
// full.
#pragma once

#include "engine/data/tokens.h"

#include <cstdint>
#include <filesystem>

namespace depthscope::data {

struct TokenStream {
    std::uint64_t vocabularyHash = 0; ///< Tokenizer::hash
    std::int32_t vocabularySize = 0;
    Tokens tokens;

    [[nodiscard]] bool operator==(const TokenStream&) const = default;
};

/// Writes next to the file, syncs, then renames: the file is either the old one or the complete new
/// one.
void writeTokenStream(const std::filesystem::path& file, const TokenStream& stream);

/// Checks every size, id and class before it is used.
[[nodiscard]] TokenStream readTokenStream(const std::filesystem::path& file);

/// Throws Error{BadInput} naming the file where the stream was made with another vocabulary.
void checkVocabulary(const std::filesystem::path& file,
                     const TokenStream& stream,
                     const tokenizers::Tokenizer& tokenizer);

} // namespace depthscope::data
