// SPDX-License-Identifier: MIT
#include "engine/data/tokens.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/trace/graded_classes.h"

#include <algorithm>

namespace depthscope::data {

namespace {

constexpr std::size_t kPieceBytes = 1U << 20U;
constexpr auto kFrame = static_cast<std::uint8_t>(trace::Difficulty::Frame);

} // namespace

std::vector<std::uint8_t> classesOf(std::span<const tokenizers::Piece> pieces,
                                    std::span<const ClassRange> ranges) {
    std::vector<std::uint8_t> classes;
    classes.reserve(pieces.size());
    std::size_t first = 0;
    for (const tokenizers::Piece& piece : pieces) {
        while (first < ranges.size() && ranges[first].end <= piece.begin) {
            ++first;
        }
        std::uint8_t found = trace::kNoClass;
        for (std::size_t i = first; i < ranges.size() && ranges[i].begin < piece.end; ++i) {
            const bool empty = ranges[i].begin == ranges[i].end;
            const bool weaker = ranges[i].number == kFrame || ranges[i].number == trace::kNoClass;
            if (!empty && (!weaker || found == trace::kNoClass)) {
                found = ranges[i].number;
            }
        }
        classes.push_back(found);
    }
    return classes;
}

Tokens tokenize(const tokenizers::Tokenizer& tokenizer, const ClassedText& text) {
    const std::vector<tokenizers::Piece> pieces = tokenizer.encode(text.text);
    Tokens tokens;
    tokens.ids.reserve(pieces.size());
    for (const tokenizers::Piece& piece : pieces) {
        tokens.ids.push_back(piece.id);
    }
    if (!text.classes.empty()) {
        tokens.classes = classesOf(pieces, text.classes);
    }
    return tokens;
}

double charactersPerToken(const tokenizers::Tokenizer& tokenizer,
                          std::span<const std::int32_t> ids) {
    if (ids.empty()) {
        return 1;
    }
    std::int64_t characters = 0;
    for (const std::int32_t id : ids) {
        // All bytes of a character but its first are 10xxxxxx, wherever a piece cuts it.
        characters += std::ranges::count_if(tokenizer.bytes(id),
                                            [](char byte) { return (byte & 0xc0) != 0x80; });
    }
    return static_cast<double>(characters) / static_cast<double>(ids.size());
}

Tokens tokenizeFile(const tokenizers::Tokenizer& tokenizer, const std::filesystem::path& file) {
    const TextFile text(file);
    text.requireUtf8();
    Tokens tokens;
    std::uint64_t offset = 0;
    text.forEachPiece(0, text.size(), kPieceBytes, [&](std::string_view piece) {
        try {
            for (const tokenizers::Piece& token : tokenizer.encode(piece)) {
                tokens.ids.push_back(token.id);
            }
        } catch (const Error& error) {
            throw Error(
                error.code(),
                fmt::format("{}: after byte {}: {}", file.string(), offset, error.message()),
                error.hint());
        }
        offset += piece.size();
    });
    return tokens;
}

void appendPiece(const tokenizers::Tokenizer& tokenizer,
                 std::int32_t id,
                 std::string& text,
                 std::vector<std::uint32_t>& ends) {
    text += tokenizer.bytes(id);
    ends.push_back(static_cast<std::uint32_t>(text.size()));
}

} // namespace depthscope::data
