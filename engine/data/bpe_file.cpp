// SPDX-License-Identifier: MIT
#include "engine/data/bpe_file.h"

#include "engine/base/error.h"
#include "engine/data/bpe.h"
#include "engine/data/hash.h"
#include "engine/data/prompt_start.h"

#include <nlohmann/json.hpp>

#include <string_view>
#include <unordered_map>
#include <utility>

namespace depthscope::data {

using nlohmann::json;

namespace {

constexpr std::uintmax_t kMaximumBytes = 64U << 20U;
constexpr std::size_t kMaximumIds = 1U << 20U;
constexpr std::size_t kMaximumPiece = 4096;

/// Fills a BpeFile field by field.
class Reader {
public:
    Reader(const JsonField& root, BpeFile& file)
        : m_root(root)
        , m_model(root.at("model"))
        , m_file(file) {}

    void read() {
        checkRules();
        readVocabulary();
        readAdded();
        closeIds();
        readMerges();
        m_file.fuseUnknown = m_model.boolean("fuse_unk", false);
        m_file.ignoreMerges = m_model.boolean("ignore_merges", false);
        if (const std::optional<JsonField> unknown = m_model.find("unk_token")) {
            m_file.unknown = idOf(unknown->string(), *unknown);
        }
        m_file.promptStart = promptStartOf(m_root, static_cast<std::int32_t>(m_file.pieces.size()));
        m_file.hash = hash();
    }

private:
    void checkRules() const;
    static void checkDecoder(const JsonField& decoder);
    void readVocabulary();
    void readAdded();
    [[nodiscard]] std::string normalized(const JsonField& content);
    void closeIds();
    void readMerges();
    void put(std::int32_t id, const std::string& piece, const JsonField& field);
    [[nodiscard]] std::int32_t idOf(std::string_view piece, const JsonField& field) const;
    [[nodiscard]] std::pair<std::string_view, std::string_view>
    halves(const JsonField& merge) const;
    [[nodiscard]] std::uint64_t hash() const;

    JsonField m_root;
    JsonField m_model;
    BpeFile& m_file;
    std::unordered_map<std::string_view, std::int32_t> m_ids; ///< views into the JSON values
    Regex::Scratch m_regex;
    std::vector<bool> m_taken;
    std::vector<bool> m_isAdded;
};

void Reader::checkRules() const {
    const std::string type = m_model.string("type", "BPE");
    if (type != "BPE") {
        m_model.fail("has the type \"" + type + "\"",
                     "Only byte-level BPE tokenizers can be read.");
    }
    if (const auto decoder = m_root.find("decoder")) {
        checkDecoder(*decoder);
    }
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!m_model.string(name, "").empty()) {
            m_model.at(name).fail("is not supported");
        }
    }
    if (m_model.boolean("byte_fallback", false)) {
        m_model.at("byte_fallback").fail("is not supported");
    }
    if (const auto dropout = m_model.find("dropout")) {
        if (!dropout->value().is_number() || dropout->value().get<double>() != 0) {
            dropout->fail("is not supported: encoding is exact");
        }
    }
}

void Reader::checkDecoder(const JsonField& decoder) {
    constexpr std::size_t kMaximumSteps = 16;
    if (decoder.at("type").string() != "Sequence") {
        if (decoder.at("type").string() != "ByteLevel") {
            decoder.fail("is not ByteLevel");
        }
        return;
    }
    // Fuse joins texts: after ByteLevel there is only one.
    const JsonField steps = decoder.at("decoders");
    const std::size_t count = steps.arraySize(kMaximumSteps);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& type = steps.item(i).at("type").string();
        if (type != (i == 0 ? "ByteLevel" : "Fuse")) {
            steps.item(i).fail("has the type \"" + type + "\", which is not supported",
                               "A sequence of ByteLevel and Fuse can be read.");
        }
    }
}

void Reader::put(std::int32_t id, const std::string& piece, const JsonField& field) {
    const auto at = static_cast<std::size_t>(id);
    if (m_taken[at]) {
        field.fail("has the id " + std::to_string(id) + ", which another piece has");
    }
    m_taken[at] = true;
    m_file.pieces[at] = piece;
}

void Reader::readVocabulary() {
    const JsonField vocabulary = m_model.at("vocab");
    const json& entries = vocabulary.value();
    if (!entries.is_object() || entries.empty() || entries.size() > kMaximumIds) {
        vocabulary.fail("is not an object of 1 to " + std::to_string(kMaximumIds) + " pieces");
    }
    std::size_t addedCount = 0;
    if (const auto added = m_root.find("added_tokens")) {
        addedCount = added->arraySize(kMaximumIds);
    }
    const std::size_t most = entries.size() + addedCount;
    m_file.pieces.resize(most);
    m_taken.resize(most);
    for (const auto& [piece, value] : entries.items()) {
        const JsonField field = vocabulary.child(value, "\"" + piece.substr(0, 40) + "\"");
        if (piece.empty() || piece.size() > kMaximumPiece) {
            field.fail("names an empty piece or one of more than 4096 bytes");
        }
        const auto last = static_cast<std::int64_t>(most) - 1;
        put(static_cast<std::int32_t>(field.integer(0, last)), piece, field);
    }
    m_file.inModel = m_taken;
    for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
        m_ids.emplace(entry.key(), entry.value().get<std::int32_t>());
    }
}

void Reader::readAdded() {
    m_isAdded.resize(m_file.pieces.size());
    const auto list = m_root.find("added_tokens");
    const std::size_t count = list ? list->arraySize(kMaximumIds) : 0;
    const auto last = static_cast<std::int64_t>(m_file.pieces.size()) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const JsonField field = list->item(i);
        AddedToken token;
        const JsonField content = field.at("content");
        token.content = content.string();
        if (token.content.empty() || token.content.size() > kMaximumPiece) {
            content.fail("is empty or longer than 4096 bytes");
        }
        token.id = static_cast<std::int32_t>(field.at("id").integer(0, last));
        token.singleWord = field.boolean("single_word", false);
        token.leftStrip = field.boolean("lstrip", false);
        token.rightStrip = field.boolean("rstrip", false);
        token.normalized = field.boolean("normalized", !field.boolean("special", false));
        const auto known = m_ids.find(token.content);
        const auto id = static_cast<std::size_t>(token.id);
        if (known == m_ids.end()) {
            put(token.id, token.content, field.at("id"));
            m_ids.emplace(content.string(), token.id);
        } else if (known->second != token.id || m_isAdded[id]) {
            field.fail("names a piece that has the id " + std::to_string(known->second) +
                       " already");
        }
        m_isAdded[id] = true;
        if (token.normalized) {
            token.content = normalized(content);
        }
        m_file.added.push_back(std::move(token));
    }
}

std::string Reader::normalized(const JsonField& content) {
    try {
        return m_file.normalizer.apply(asItIs(content.string(), 0), m_regex).text;
    } catch (const Error& error) {
        content.fail("cannot be normalized: " + error.message(), error.hint());
    }
}

void Reader::closeIds() {
    // Added tokens may repeat pieces of the vocabulary: the ids in use are the first ones.
    for (std::size_t id = 0; id < m_ids.size(); ++id) {
        if (!m_taken[id]) {
            m_model.at("vocab").fail("has a hole: no piece has the id " + std::to_string(id));
        }
    }
    m_file.pieces.resize(m_ids.size());
    m_file.inModel.resize(m_ids.size());
}

std::int32_t Reader::idOf(std::string_view piece, const JsonField& field) const {
    const auto found = m_ids.find(piece);
    if (found == m_ids.end()) {
        field.fail("names \"" + std::string(piece.substr(0, 40)) +
                   "\", which is not in the vocabulary");
    }
    return found->second;
}

std::pair<std::string_view, std::string_view> Reader::halves(const JsonField& merge) const {
    if (merge.value().is_array()) {
        if (merge.arraySize(2) != 2) {
            merge.fail("is not a pair");
        }
        return {merge.item(0).string(), merge.item(1).string()};
    }
    const std::string_view text = merge.string();
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
        merge.fail("is not two pieces with a space between");
    }
    return {text.substr(0, space), text.substr(space + 1)};
}

void Reader::readMerges() {
    const JsonField list = m_model.at("merges");
    const std::size_t count = list.arraySize(kMaximumIds * 2);
    m_file.merges.reserve(count);
    std::string product;
    for (std::size_t i = 0; i < count; ++i) {
        const JsonField merge = list.item(i);
        const auto [left, right] = halves(merge);
        (product = left) += right;
        m_file.merges.push_back({idOf(left, merge), idOf(right, merge), idOf(product, merge)});
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
    fnv.add(m_root.at("pre_tokenizer").value().dump());
    if (const auto normalizer = m_root.find("normalizer")) {
        fnv.add(normalizer->value().dump());
    }
    return fnv.value();
}

} // namespace

bool isByteLevel(const std::filesystem::path& file) {
    const JsonFile content(file, kMaximumBytes);
    const std::optional<JsonField> splitter = content.root().find("pre_tokenizer");
    return splitter && splitter->value().dump().find("\"ByteLevel\"") != std::string::npos;
}

BpeFile readBpeFile(const std::filesystem::path& file) {
    const JsonFile content(file, kMaximumBytes);
    const JsonField root = content.root();
    const std::optional<JsonField> normalizer = root.find("normalizer");
    BpeFile result{.pieces = {},
                   .inModel = {},
                   .merges = {},
                   .added = {},
                   .promptStart = {},
                   .normalizer = normalizer ? Normalizer(*normalizer) : Normalizer(),
                   .splitter = PreTokenizer(root.at("pre_tokenizer"))};
    Reader(root, result).read();
    return result;
}

} // namespace depthscope::data
