// SPDX-License-Identifier: MIT
#include "engine/tokenizers/tokenizer_files.h"

#include "engine/base/atomic_file.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/tokenizers/bpe.h"
#include "engine/tokenizers/sentencepiece.h"
#include "engine/tokenizers/vocabulary.h"

#include <algorithm>
#include <array>

namespace depthscope::tokenizers {

namespace {

constexpr std::uint64_t kMaximumBytes = 64U << 20U;
constexpr std::array kTokenizers{"tokenizer.json", "tokenizer.model", "vocabulary.json"};
constexpr std::array kBeside{"tokenizer_config.json", "special_tokens_map.json",
                             "added_tokens.json"};

/// The name that a tokenizer's file has in a model folder, told from its content.
std::string standardName(const std::filesystem::path& file) {
    const TextFile text(file);
    const std::string start = text.read(0, std::min<std::uint64_t>(text.size(), 64));
    const std::size_t first = start.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || start[first] != '{') {
        return "tokenizer.model";
    }
    return JsonFile(file, kMaximumBytes).root().find("model") ? "tokenizer.json"
                                                              : "vocabulary.json";
}

} // namespace

bool hasTokenizer(const std::filesystem::path& folder) {
    return std::ranges::any_of(kTokenizers, [&](const char* name) {
        std::error_code ignored;
        return std::filesystem::exists(folder / name, ignored);
    });
}

std::unique_ptr<Tokenizer> openTokenizer(const std::filesystem::path& place) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(place, ignored)) {
        const std::string name = standardName(place);
        return name == "tokenizer.json"    ? loadBpe(place)
               : name == "tokenizer.model" ? loadSentencePiece(place)
                                           : loadVocabulary(place);
    }
    std::unique_ptr<Tokenizer> tokenizer = loadTokenizer(place);
    if (tokenizer == nullptr) {
        throw Error(ErrorCode::BadInput, fmt::format("{}: no tokenizer found", place.string()),
                    "Give a folder with tokenizer.json, tokenizer.model or vocabulary.json, or one "
                    "such file.");
    }
    return tokenizer;
}

TokenizerFiles tokenizerFiles(const std::filesystem::path& place) {
    std::error_code ignored;
    const bool whole = std::filesystem::is_directory(place, ignored);
    const std::filesystem::path folder = whole ? place : place.parent_path();
    TokenizerFiles files;
    const auto take = [&](const char* name) {
        std::error_code error;
        if (std::filesystem::exists(folder / name, error)) {
            files[name] = readWhole(folder / name, kMaximumBytes);
        }
    };
    if (whole) {
        std::ranges::for_each(kTokenizers, take);
    } else {
        files[standardName(place)] = readWhole(place, kMaximumBytes);
    }
    if (files.contains("tokenizer.model")) {
        std::ranges::for_each(kBeside, take);
        std::error_code error;
        const std::filesystem::path json = folder / "tokenizer.json";
        if (std::filesystem::exists(json, error) && !isByteLevel(json)) {
            take("tokenizer.json"); // it may hold words; a byte-level one would be the tokenizer
        }
    }
    return files;
}

void writeTokenizer(const TokenizerFiles& files, const std::filesystem::path& folder) {
    if (files.empty()) {
        return;
    }
    const auto removeOther = [&](const char* name) {
        std::error_code ignored;
        if (!files.contains(name)) {
            std::filesystem::remove(folder / name, ignored);
        }
    };
    std::ranges::for_each(kTokenizers, removeOther);
    std::ranges::for_each(kBeside, removeOther);
    for (const auto& [name, content] : files) {
        AtomicFile file(folder / name);
        file.write(content);
        file.commit();
    }
}

} // namespace depthscope::tokenizers
