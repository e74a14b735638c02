// SPDX-License-Identifier: MIT
#include "engine/tokenizers/bpe_file.h"

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/tokenizers/bpe.h"
#include "engine/tokenizers/json_tree.h"
#include "engine/tokenizers/prompt_start.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace depthscope::tokenizers {

using nlohmann::json;

namespace {

constexpr std::uintmax_t kMaximumBytes = 64U << 20U;
constexpr std::int64_t kMaximumIds = 1 << 20;
constexpr std::size_t kMaximumPiece = 4096;

/// Fills a BpeFile field by field.
class Reader {
public:
    Reader(const JsonField& root, const JsonTables& tables, BpeFile& file)
        : m_root(root)
        , m_model(root.at("model"))
        , m_tables(tables)
        , m_file(file) {}

    void read() {
        checkRules();
        readVocabulary();
        readAdded();
        readMerges();
        m_file.fuseUnknown = m_model.boolean("fuse_unk", false);
        m_file.ignoreMerges = m_model.boolean("ignore_merges", false);
        m_file.byteFallback = m_model.boolean("byte_fallback", false);
        if (const std::optional<JsonField> unknown = m_model.find("unk_token")) {
            m_file.unknown = idOf(unknown->string(), *unknown);
        }
        m_file.promptStart = promptStartOf(m_root, static_cast<std::int32_t>(m_file.pieces.size()));
        m_file.hash = hash();
    }

private:
    void checkRules() const;
    void readVocabulary();
    void readAdded();
    [[nodiscard]] std::string normalized(const JsonField& content);
    void readMerges();
    [[nodiscard]] AddedToken readToken(const JsonField& field);
    void put(std::int32_t id, const std::string& piece);
    [[nodiscard]] std::int32_t idOf(std::string_view piece, const JsonField& field) const;
    [[nodiscard]] std::uint64_t hash() const;

    JsonField m_root;
    JsonField m_model;
    const JsonTables& m_tables;
    BpeFile& m_file;
    std::unordered_map<std::string_view, std::int32_t> m_ids;  ///< views into the file's texts
    std::unordered_map<std::string_view, std::size_t> m_added; ///< places in m_file.added
    Regex::Scratch m_regex;
};

void Reader::checkRules() const {
    const std::string type = m_model.string("type", "BPE");
    if (type != "BPE") {
        m_model.fail(fmt::format("has the type \"{}\", which is not supported", type),
                     "Supported: BPE tokenizers, and SentencePiece models as tokenizer.model.");
    }
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!m_model.string(name, "").empty()) {
            m_model.at(name).fail("is not supported");
        }
    }
    if (const auto dropout = m_model.find("dropout")) {
        if (!dropout->value().is_number() || dropout->value().get<double>() != 0) {
            dropout->fail("is not supported: encoding is deterministic");
        }
    }
}

void Reader::put(std::int32_t id, const std::string& piece) {
    const auto at = static_cast<std::size_t>(id);
    if (at >= m_file.pieces.size()) {
        m_file.pieces.resize(at + 1);
        m_file.inModel.resize(at + 1);
    }
    m_file.pieces[at] = piece;
}

void Reader::readVocabulary() {
    const JsonField field = m_model.at("vocab");
    const auto& entries = m_tables.vocabulary;
    if (!field.value().is_object() || entries.empty() || entries.size() > kMaximumIds) {
        field.fail(fmt::format("must be an object of 1 to {} tokens", kMaximumIds));
    }
    m_ids.reserve(entries.size());
    for (const auto& [piece, id] : entries) {
        if (piece.size() > kMaximumPiece || id < 0 || id >= kMaximumIds) {
            field.child(field.value(), fmt::format("\"{}\"", piece.substr(0, 40)))
                .fail(id == JsonTables::kNoNumber ? "must be an integer"
                      : piece.size() > kMaximumPiece
                          ? "names a token longer than 4096 bytes"
                          : fmt::format("must be between 0 and {}", kMaximumIds - 1));
        }
        m_ids.insert_or_assign(piece, static_cast<std::int32_t>(id));
    }
    m_file.pieces.reserve(m_ids.size());
    for (const auto& [piece, id] : m_ids) {
        put(id, std::string(piece));
        if (m_file.inModel[static_cast<std::size_t>(id)]) {
            field.fail(fmt::format("gives the id {} to two tokens", id));
        }
        m_file.inModel[static_cast<std::size_t>(id)] = true;
    }
}

AddedToken Reader::readToken(const JsonField& field) {
    AddedToken token;
    const JsonField content = field.at("content");
    token.content = content.string();
    if (token.content.size() > kMaximumPiece) {
        content.fail("is longer than 4096 bytes");
    }
    static_cast<void>(field.at("id").integer(0, kMaximumIds - 1));
    token.singleWord = field.boolean("single_word", false);
    token.leftStrip = field.boolean("lstrip", false);
    token.rightStrip = field.boolean("rstrip", false);
    token.normalized = field.boolean("normalized", !field.boolean("special", false));
    return token;
}

void Reader::readAdded() {
    const auto list = m_root.find("added_tokens");
    const std::size_t count = list ? list->arraySize(kMaximumIds) : 0;
    // The library does not look at the ids that stand here: a token is the piece of the same text,
    // else it gets the next id behind the number of pieces.
    auto next = static_cast<std::int32_t>(m_ids.size());
    for (std::size_t i = 0; i < count; ++i) {
        const JsonField field = list->item(i);
        AddedToken token = readToken(field);
        if (token.content.empty()) {
            continue;
        }
        const std::string_view content = field.at("content").string();
        const auto known = m_ids.find(content);
        if (known == m_ids.end()) {
            token.id = next;
            const auto at = static_cast<std::size_t>(next);
            if (at >= m_file.inModel.size() || !m_file.inModel[at]) {
                put(token.id, token.content); // else a hole below made both meet: both keep the id
            }
            m_ids.emplace(content, token.id);
        } else {
            token.id = known->second;
        }
        next = std::max(next, token.id + 1);
        if (token.normalized) {
            token.content = normalized(field.at("content"));
        }
        const auto [place, isNew] = m_added.emplace(content, m_file.added.size());
        if (isNew) {
            m_file.added.push_back(std::move(token));
        } else {
            m_file.added[place->second] = std::move(token);
        }
    }
}

std::string Reader::normalized(const JsonField& content) {
    try {
        return m_file.normalizer.apply(asItIs(content.string(), 0), m_regex).text;
    } catch (const Error& error) {
        content.fail(fmt::format("cannot be normalized: {}", error.message()), error.hint());
    }
}

std::int32_t Reader::idOf(std::string_view piece, const JsonField& field) const {
    const auto found = m_ids.find(piece);
    if (found == m_ids.end()) {
        field.fail(
            fmt::format("names \"{}\", which is not in the vocabulary", piece.substr(0, 40)));
    }
    return found->second;
}

void Reader::readMerges() {
    const JsonField list = m_model.at("merges");
    const auto& merges = m_tables.merges;
    if (!list.value().is_array() || merges.size() > kMaximumIds * 2) {
        list.fail(fmt::format("must be a list of at most {} merges", kMaximumIds * 2));
    }
    m_file.merges.reserve(merges.size());
    std::string product;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto& [left, right] = merges[i];
        const auto merge = [&] {
            return m_model.child(list.value(), "merges[" + std::to_string(i) + "]");
        };
        if (left == "#version:") {
            continue; // of files that were merges.txt
        }
        if (left.empty() && right.empty()) {
            merge().fail("must be two tokens, as a pair or separated by a space");
        }
        (product = left) += right;
        const auto idOfPart = [&](const std::string& part) {
            const auto found = m_ids.find(part);
            return found != m_ids.end() ? found->second : idOf(part, merge());
        };
        m_file.merges.push_back({idOfPart(left), idOfPart(right), idOfPart(product)});
    }
}

std::uint64_t Reader::hash() const {
    Fnv fnv;
    for (const std::string& piece : m_file.pieces) {
        fnv.add(std::uint64_t{piece.size()});
        fnv.add(piece);
    }
    for (const BpeMerge& merge : m_file.merges) {
        fnv.add(pairKey(merge.left, merge.right));
    }
    for (const AddedToken& token : m_file.added) {
        fnv.add(static_cast<std::uint64_t>(token.id) * 16 + (token.singleWord ? 1U : 0U) +
                (token.leftStrip ? 2U : 0U) + (token.rightStrip ? 4U : 0U) +
                (token.normalized ? 8U : 0U));
    }
    fnv.add(static_cast<std::uint64_t>(m_file.unknown + 1) * 4 + (m_file.fuseUnknown ? 1U : 0U) +
            (m_file.ignoreMerges ? 2U : 0U));
    for (const char* part : {"pre_tokenizer", "normalizer"}) {
        if (const auto field = m_root.find(part)) {
            fnv.add(field->value().dump());
        }
    }
    if (m_file.byteFallback) {
        fnv.add("byte_fallback");
    }
    return fnv.value();
}

BpeFile readContent(const JsonFile& content, const JsonTables& tables) {
    const JsonField root = content.root();
    const std::optional<JsonField> normalizer = root.find("normalizer");
    const std::optional<JsonField> splitter = root.find("pre_tokenizer");
    const std::optional<JsonField> decoder = root.find("decoder");
    PreTokenizer words = splitter ? PreTokenizer(*splitter) : PreTokenizer();
    const bool bytes = words.endsInBytes();
    BpeFile result{.pieces = {},
                   .inModel = {},
                   .merges = {},
                   .added = {},
                   .promptStart = {},
                   .normalizer = normalizer ? Normalizer(*normalizer) : Normalizer(),
                   .splitter = std::move(words),
                   .decoder = decoder ? Decoder(*decoder) : Decoder(bytes)};
    Reader(root, tables, result).read();
    return result;
}

} // namespace

bool isByteLevel(const std::filesystem::path& file) {
    const JsonFile content(file, kMaximumBytes);
    const std::optional<JsonField> splitter = content.root().find("pre_tokenizer");
    return splitter && splitter->value().dump().find("\"ByteLevel\"") != std::string::npos;
}

BpeFile readBpeFile(const std::filesystem::path& file) {
    JsonTables tables;
    const JsonFile content = readTables(readWhole(file, kMaximumBytes), file.string(), tables);
    return readContent(content, tables);
}

BpeFile readBpeText(std::string_view text, const std::string& name) {
    JsonTables tables;
    const JsonFile content = readTables(text, name, tables);
    return readContent(content, tables);
}

} // namespace depthscope::tokenizers
