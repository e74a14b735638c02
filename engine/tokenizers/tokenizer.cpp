// SPDX-License-Identifier: MIT
#include "engine/tokenizers/tokenizer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/tokenizers/bpe.h"
#include "engine/tokenizers/sentencepiece.h"
#include "engine/tokenizers/vocabulary.h"

#include <algorithm>

namespace depthscope::tokenizers {

void closeGaps(std::vector<Piece>& pieces, std::uint32_t size) {
    std::uint32_t begin = 0;
    for (Piece& piece : pieces) {
        piece.begin = begin;
        begin = piece.end = std::max(begin, piece.end);
    }
    if (!pieces.empty()) {
        pieces.back().end = size;
    }
}

void checkLength(std::string_view text, std::uint64_t most) {
    if (text.size() > most) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("a text of {} bytes is too long to encode at once", text.size()));
    }
}

std::string Tokenizer::decode(const std::vector<std::int32_t>& ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
        text += bytes(id);
    }
    return text;
}

std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& folder) {
    std::error_code ignored;
    const std::filesystem::path json = folder / "tokenizer.json";
    const std::filesystem::path model = folder / "tokenizer.model";
    const bool hasModel = std::filesystem::exists(model, ignored);
    // Folders of the Llama 2 kind bring both, and only the second is of a kind known here.
    if (std::filesystem::exists(json, ignored) && (!hasModel || isByteLevel(json))) {
        return loadBpe(json);
    }
    if (hasModel) {
        return loadSentencePiece(model);
    }
    if (const std::filesystem::path file = folder / "vocabulary.json";
        std::filesystem::exists(file, ignored)) {
        return loadVocabulary(file);
    }
    return nullptr;
}

} // namespace depthscope::tokenizers
