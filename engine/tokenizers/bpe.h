// SPDX-License-Identifier: MIT
// BPE as Hugging Face writes it (tokenizer.json): reading, and training byte-level ones. A build
// without Oniguruma (DEPTHSCOPE_TOKENIZERS=OFF) throws Error{Usage} from both. Owned by the caller;
// any thread.
#pragma once

#include "engine/tokenizers/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace depthscope::tokenizers {

/// Reads a tokenizer.json: BPE over byte letters or characters, with the normalizers,
/// pre-tokenizers and decoders of engine/tokenizers/{normalizer,pre_tokenizer,decoder}.h, and added
/// tokens. Well-formed UTF-8 is encoded as `tokenizers` does with add_special_tokens=False:
/// post-processors only add tokens around a text or move offsets, and are not applied. Every other
/// byte is a separate word. Throws Error{BadInput} naming file and field.
[[nodiscard]] std::unique_ptr<Tokenizer> loadBpe(const std::filesystem::path& file);

/// The text of such a file, which is called `name` in messages.
[[nodiscard]] std::unique_ptr<Tokenizer> bpeOfText(std::string_view text, const std::string& name);

/// Whether a tokenizer.json splits text with ByteLevel, as loadBpe asks for. Throws Error{BadInput}
/// where it is no JSON.
[[nodiscard]] bool isByteLevel(const std::filesystem::path& file);

/// A tokenizer.json learned from these texts: <|endoftext|>, the 256 byte letters, then one piece
/// per merge of the most frequent pair (of equal ones the pair of lowest ids) until
/// `vocabularySize` or until nothing is left to merge. Digits stay alone, so that sums can be
/// learned. Deterministic. Throws Error{Usage} for sizes outside [257, 65536].
[[nodiscard]] std::string trainBpe(std::span<const std::string> texts, std::int32_t vocabularySize);

} // namespace depthscope::tokenizers
