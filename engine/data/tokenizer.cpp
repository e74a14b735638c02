// SPDX-License-Identifier: MIT
#include "engine/data/tokenizer.h"

#include "engine/data/bpe.h"
#include "engine/data/vocabulary.h"

namespace depthscope::data {

std::string Tokenizer::decode(const std::vector<std::int32_t>& ids) const {
    std::string text;
    for (const std::int32_t id : ids) {
        text += bytes(id);
    }
    return text;
}

std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& folder) {
    std::error_code ignored;
    if (const std::filesystem::path file = folder / "tokenizer.json";
        std::filesystem::exists(file, ignored)) {
        return loadBpe(file);
    }
    if (const std::filesystem::path file = folder / "vocabulary.json";
        std::filesystem::exists(file, ignored)) {
        return loadVocabulary(file);
    }
    return nullptr;
}

} // namespace depthscope::data
