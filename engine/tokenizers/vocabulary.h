// SPDX-License-Identifier: MIT
// The small tokenizers: one id per byte, or one id per character of a fixed list (vocabulary.json).
// Owned by the caller; const, any thread. Throws Error{BadInput} naming file and field.
#pragma once

#include "engine/tokenizers/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace depthscope::tokenizers {

/// 256 ids, each byte its own.
[[nodiscard]] std::unique_ptr<Tokenizer> makeByteTokenizer();

/// Reads {"type": "bytes"} or {"type": "characters", "characters": "..."}; the order of the
/// characters is that of the ids.
[[nodiscard]] std::unique_ptr<Tokenizer> loadVocabulary(const std::filesystem::path& file);

/// The text of such a file, which is called `name` in messages.
[[nodiscard]] std::unique_ptr<Tokenizer> vocabularyOfText(std::string_view text,
                                                          const std::string& name);

/// The vocabulary.json of the characters that occur in these texts, in order of their code points.
/// Throws Error{BadInput} naming the byte offset where a text is no well-formed UTF-8.
[[nodiscard]] std::string characterVocabulary(std::span<const std::string> texts);

} // namespace depthscope::tokenizers
