// SPDX-License-Identifier: MIT
// What stands in a tokenizer.json of byte-level BPE, read and checked. A plain value; throws
// Error{BadInput} naming file and field for anything it does not understand completely.
#pragma once

#include "engine/data/added_tokens.h"
#include "engine/data/bpe_merges.h"
#include "engine/data/normalizer.h"
#include "engine/data/pre_tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace depthscope::data {

struct BpeFile {
    std::vector<std::string> pieces; ///< by id, in byte letters; added tokens as they stand
    std::vector<bool> inModel;       ///< by id: in the vocabulary, merges can make it
    std::vector<BpeMerge> merges;    ///< in order of rank
    std::vector<AddedToken> added;   ///< contents as they are found and decoded
    std::int32_t unknown = -1;       ///< stands for bytes without a letter; -1: there is none
    bool fuseUnknown = false;
    bool ignoreMerges = false;             ///< words that are pieces are taken whole
    std::vector<std::int32_t> promptStart; ///< ids in front of a prompt
    Normalizer normalizer;
    PreTokenizer splitter;
    std::uint64_t hash = 0;
};

[[nodiscard]] BpeFile readBpeFile(const std::filesystem::path& file);

} // namespace depthscope::data
