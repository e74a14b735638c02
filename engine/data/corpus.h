// SPDX-License-Identifier: MIT
// Training and validation tokens from graded text and text files. Plain values; any thread. Throws
// Error{BadInput} naming the file, Error{Usage} for a mix of nothing.
#pragma once

#include "engine/data/graded.h"
#include "engine/data/tokens.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace depthscope::data {

struct CorpusSpec {
    std::uint64_t gradedBytes = 0; ///< approximate amount of graded text to train on; 0: none
    std::uint64_t seed = 1;        ///< seed of the graded text; validation has a different one
    std::uint32_t classMask = kAllClasses; ///< exercises of the graded text
    std::vector<std::filesystem::path> files;
    std::uint64_t fileBytes = UINT64_MAX; ///< read no more of each file
};

struct Corpus {
    Tokens train;
    Tokens validation;
    double validationCharactersPerToken = 1;
};

/// Documents of 1 to 2 KB of graded text and slices of the files, cut at line ends, mixed evenly
/// and separated by blank lines. Validation gets a tenth as much graded text, of a different seed,
/// and the last tenth of every file. Deterministic. The classes are empty without graded text.
[[nodiscard]] Corpus buildCorpus(const CorpusSpec& spec, const tokenizers::Tokenizer& tokenizer);

} // namespace depthscope::data
