// SPDX-License-Identifier: MIT
// SentencePiece models (tokenizer.model): unigram and BPE, with or without byte fallback. A build
// without the library (DEPTHSCOPE_SENTENCEPIECE=OFF) throws Error{Usage}. Owned by the caller; any
// thread.
#pragma once

#include "engine/tokenizers/tokenizer.h"

#include <filesystem>
#include <memory>

namespace depthscope::tokenizers {

/// Texts are encoded as the library does, without control symbols around them: bytes that are not
/// UTF-8 count as U+FFFD. The first piece may begin with a space that the text does not have;
/// decode() leaves it out, bytes() has it. Throws Error{BadInput} naming the file.
[[nodiscard]] std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path& file);

} // namespace depthscope::tokenizers
