// SPDX-License-Identifier: MIT
// What is next to a tokenizer.model: added tokens such as <|im_end|>, and the tokens around texts.
// Sources and precedence are those of the transformers library
// (PreTrainedTokenizerBase.from_pretrained): added_tokens_decoder in tokenizer_config.json, then
// the added_tokens of tokenizer.json, then added_tokens.json; then the words without an id
// (bos_token and its kin), where special_tokens_map.json goes before tokenizer_config.json. Plain
// values; any thread. Throws Error{BadInput} naming file and field.
#pragma once

#include "engine/tokenizers/added_tokens.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace depthscope::tokenizers {

/// Where text gets the space that the model prepends.
enum class PrefixSpace { EveryStretch, FirstStretch, Never };

struct SpecialWords {
    std::vector<AddedToken> words; ///< all found in the text as it is, before it is split
    PrefixSpace prefixSpace = PrefixSpace::EveryStretch; ///< of the stretches between words
    /// Ids in front of a prompt; nothing where no file says: the model's own mark then.
    std::optional<std::vector<std::int32_t>> promptStart;
};

/// `pieceId`: id of the piece of a text in the model, -1 without; `size`: its number of pieces.
[[nodiscard]] SpecialWords
readSpecialWords(const std::filesystem::path& folder,
                 const std::function<std::int32_t(std::string_view)>& pieceId,
                 std::int32_t size);

} // namespace depthscope::tokenizers
