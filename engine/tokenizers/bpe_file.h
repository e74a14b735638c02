// SPDX-License-Identifier: MIT
// The contents of a BPE tokenizer.json, read and checked. A plain value; throws Error{BadInput}
// naming file and field for anything not fully supported.
#pragma once

#include "engine/tokenizers/added_tokens.h"
#include "engine/tokenizers/bpe_merges.h"
#include "engine/tokenizers/decoder.h"
#include "engine/tokenizers/normalizer.h"
#include "engine/tokenizers/pre_tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::tokenizers {

struct BpeFile {
    std::vector<std::string> pieces; ///< by id, as they stand; empty for a free id
    std::vector<bool> inModel;       ///< by id: in the vocabulary, merges can make it
    std::vector<BpeMerge> merges;    ///< in order of rank
    std::vector<AddedToken> added;   ///< contents as they are found and decoded
    std::int32_t unknown = -1;       ///< stands for what has no piece; -1: none
    bool fuseUnknown = false;
    bool ignoreMerges = false;             ///< words that are pieces are taken whole
    bool byteFallback = false;             ///< characters without a piece are spelt as <0xE9>
    std::vector<std::int32_t> promptStart; ///< ids in front of a prompt
    Normalizer normalizer;
    PreTokenizer splitter;
    Decoder decoder;
    std::uint64_t hash = 0;
};

[[nodiscard]] BpeFile readBpeFile(const std::filesystem::path& file);
/// The text of a file that is called `name` in messages.
[[nodiscard]] BpeFile readBpeText(std::string_view text, const std::string& name);

} // namespace depthscope::tokenizers
