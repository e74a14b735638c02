// SPDX-License-Identifier: MIT
#include "engine/tokenizers/vocabulary.h"

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <limits>
#include <set>
#include <unordered_map>

namespace depthscope::tokenizers {

namespace {

constexpr std::uintmax_t kMaximumBytes = 8U << 20U;

/// As people can read it, also a tab.
std::string characterName(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    if (character.size() == 1 && (first <= 0x20 || first == 0x7F)) {
        char code[8];
        std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(first));
        return std::string("the character ") + code;
    }
    return fmt::format("the character \"{}\"", character);
}

class ByteTokenizer final : public Tokenizer {
public:
    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override {
        checkLength(text, std::numeric_limits<std::uint32_t>::max());
        std::vector<Piece> pieces;
        pieces.reserve(text.size());
        for (std::uint32_t at = 0; at < text.size(); ++at) {
            pieces.push_back({static_cast<unsigned char>(text[at]), at, at + 1});
        }
        return pieces;
    }

    [[nodiscard]] std::string bytes(std::int32_t id) const override {
        return id < 0 || id > 255 ? std::string() : std::string(1, static_cast<char>(id));
    }

    [[nodiscard]] std::int32_t size() const override { return 256; }

    [[nodiscard]] std::uint64_t hash() const override {
        Fnv fnv;
        fnv.add("bytes");
        return fnv.value();
    }
};

class CharacterTokenizer final : public Tokenizer {
public:
    explicit CharacterTokenizer(const JsonField& field) {
        const std::string& text = field.string();
        m_hash.add("characters");
        m_hash.add(text);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = utf8Length(text, at);
            const auto id = static_cast<std::int32_t>(m_characters.size());
            if (!m_ids.emplace(utf8CodePoint(text, at, length), id).second) {
                field.fail(fmt::format("has the character \"{}\" twice", text.substr(at, length)));
            }
            m_characters.push_back(text.substr(at, length));
            at += length;
        }
        if (m_characters.empty()) {
            field.fail("is empty");
        }
    }

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override {
        checkLength(text, std::numeric_limits<std::uint32_t>::max());
        std::vector<Piece> pieces;
        pieces.reserve(text.size());
        for (std::uint32_t at = 0; at < text.size();) {
            const auto length = static_cast<std::uint32_t>(utf8Length(text, at));
            const auto found =
                length == 0 ? m_ids.end() : m_ids.find(utf8CodePoint(text, at, length));
            if (found == m_ids.end()) {
                throw Error(
                    ErrorCode::BadInput,
                    fmt::format("byte {} of the text: {}", at,
                                length == 0 ? std::string("not UTF-8")
                                            : fmt::format("{} is not in the vocabulary",
                                                          characterName(text.substr(at, length)))),
                    fmt::format("This model supports only {} characters.", m_characters.size()));
            }
            pieces.push_back({found->second, at, at + length});
            at += length;
        }
        return pieces;
    }

    [[nodiscard]] std::string bytes(std::int32_t id) const override {
        return id < 0 || id >= size() ? std::string() : m_characters[static_cast<std::size_t>(id)];
    }

    [[nodiscard]] std::int32_t size() const override {
        return static_cast<std::int32_t>(m_characters.size());
    }

    [[nodiscard]] std::uint64_t hash() const override { return m_hash.value(); }

private:
    std::vector<std::string> m_characters;
    std::unordered_map<std::uint32_t, std::int32_t> m_ids;
    Fnv m_hash;
};

std::unique_ptr<Tokenizer> read(const JsonFile& content) {
    const JsonField type = content.root().at("type");
    if (type.string() == "bytes") {
        return std::make_unique<ByteTokenizer>();
    }
    if (type.string() != "characters") {
        type.fail(fmt::format("is \"{}\"", type.string()),
                  "Valid values: \"bytes\", \"characters\".");
    }
    return std::make_unique<CharacterTokenizer>(content.root().at("characters"));
}

} // namespace

std::unique_ptr<Tokenizer> makeByteTokenizer() {
    return std::make_unique<ByteTokenizer>();
}

std::unique_ptr<Tokenizer> loadVocabulary(const std::filesystem::path& file) {
    return read(JsonFile(file, kMaximumBytes));
}

std::unique_ptr<Tokenizer> vocabularyOfText(std::string_view text, const std::string& name) {
    return read(JsonFile(text, name));
}

std::string characterVocabulary(std::span<const std::string> texts) {
    std::set<std::uint32_t> codes;
    for (const std::string& text : texts) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = utf8Length(text, at);
            if (length == 0) {
                throw Error(ErrorCode::BadInput, fmt::format("byte {} of the text: not UTF-8", at),
                            "Use the byte vocabulary for such a text.");
            }
            codes.insert(utf8CodePoint(text, at, length));
            at += length;
        }
    }
    std::string characters;
    for (const std::uint32_t code : codes) {
        appendUtf8(characters, code);
    }
    return nlohmann::ordered_json{{"type", "characters"}, {"characters", characters}}.dump() + "\n";
}

} // namespace depthscope::tokenizers
