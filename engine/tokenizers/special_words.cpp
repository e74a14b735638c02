// SPDX-License-Identifier: MIT
#include "engine/tokenizers/special_words.h"

#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/tokenizers/json_tree.h"
#include "engine/tokenizers/pre_tokenizer.h"
#include "engine/tokenizers/prompt_start.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr std::uintmax_t kMaximumBytes = 64U << 20U;
constexpr std::size_t kMaximumWords = 1U << 16U;
constexpr std::size_t kMaximumLength = 4096;
constexpr std::int64_t kMaximumId = (1 << 20) - 1;

/// A JSON file of the folder that may be missing.
class OptionalFile {
public:
    OptionalFile(const std::filesystem::path& folder, const char* name) {
        std::error_code ignored;
        if (std::filesystem::exists(folder / name, ignored)) {
            JsonTables unread; // a whole vocabulary
            const std::filesystem::path file = folder / name;
            m_file = std::unique_ptr<const JsonFile>(
                new JsonFile(readTables(readWhole(file, kMaximumBytes), file.string(), unread)));
        }
    }

    [[nodiscard]] std::optional<JsonField> find(const char* field) const {
        return m_file ? m_file->root().find(field) : std::nullopt;
    }

    void forget() { m_file.reset(); }

    [[nodiscard]] std::optional<JsonField> root() const {
        return m_file ? std::optional(m_file->root()) : std::nullopt;
    }

private:
    std::unique_ptr<const JsonFile> m_file;
};

class Reader {
public:
    Reader(const std::filesystem::path& folder,
           const std::function<std::int32_t(std::string_view)>& pieceId,
           std::int32_t size)
        : m_pieceId(pieceId)
        , m_next(size)
        , m_config(folder, "tokenizer_config.json")
        , m_map(folder, "special_tokens_map.json")
        , m_folder(folder)
        , m_json(folder, "tokenizer.json") {}

    SpecialWords read() {
        const std::optional<JsonField> splitter = m_json.find("pre_tokenizer");
        if (splitter && splitter->value().dump().find("\"ByteLevel\"") != std::string::npos) {
            m_json.forget(); // a tokenizer of its own: its words are not this model's
        }
        readDecoder();
        readJson();
        readAdded();
        readNamed();
        m_result.prefixSpace = prefixSpace();
        m_result.promptStart = promptStart();
        return std::move(m_result);
    }

private:
    void readDecoder();
    void readJson();
    void readAdded();
    void readNamed();
    void readNamed(const JsonField& field);
    [[nodiscard]] std::optional<JsonField> named(const char* name) const;
    [[nodiscard]] PrefixSpace prefixSpace() const;
    [[nodiscard]] std::optional<std::vector<std::int32_t>> promptStart() const;

    /// A word with its id; the first declaration of a text or an id counts.
    void put(AddedToken word, const JsonField& field);
    /// The content and the flags of an object, or a text alone.
    [[nodiscard]] static AddedToken wordOf(const JsonField& field);
    [[nodiscard]] std::int32_t idOf(const std::string& word) const;

    const std::function<std::int32_t(std::string_view)>& m_pieceId;
    std::int32_t m_next; ///< the smallest id above all others
    OptionalFile m_config;
    OptionalFile m_map;
    const std::filesystem::path& m_folder;
    OptionalFile m_json;
    std::unordered_map<std::string, std::int32_t> m_ids;
    std::unordered_map<std::int32_t, std::string> m_words;
    SpecialWords m_result;
};

AddedToken Reader::wordOf(const JsonField& field) {
    AddedToken word;
    if (field.value().is_string()) {
        word.content = field.string();
        return word;
    }
    word.content = field.at("content").string();
    word.singleWord = field.boolean("single_word", false);
    word.leftStrip = field.boolean("lstrip", false);
    word.rightStrip = field.boolean("rstrip", false);
    return word;
}

void Reader::put(AddedToken word, const JsonField& field) {
    if (word.content.size() > kMaximumLength || m_result.words.size() >= kMaximumWords) {
        field.fail(word.content.size() > kMaximumLength
                       ? fmt::format("is longer than {} bytes", kMaximumLength)
                       : fmt::format("exceeds the limit of {} words", kMaximumWords));
    }
    if (word.content.empty() || m_ids.contains(word.content) || m_words.contains(word.id)) {
        return;
    }
    m_ids.emplace(word.content, word.id);
    m_words.emplace(word.id, word.content);
    m_next = std::max(m_next, word.id + 1);
    m_result.words.push_back(std::move(word));
}

void Reader::readDecoder() {
    const std::optional<JsonField> list = m_config.find("added_tokens_decoder");
    if (!list) {
        return;
    }
    if (!list->value().is_object()) {
        list->fail("must be an object of ids and their words");
    }
    for (const auto& [key, value] : list->value().items()) {
        const JsonField field = list->child(value, key);
        const std::optional<std::int32_t> id = parseNumber<std::int32_t>(key);
        if (!id || *id < 0 || *id > kMaximumId) {
            field.fail(fmt::format("must have a key that is an id between 0 and {}", kMaximumId));
        }
        AddedToken word = wordOf(field);
        word.id = *id;
        put(std::move(word), field);
    }
}

void Reader::readJson() {
    const std::optional<JsonField> list = m_json.find("added_tokens");
    const std::size_t count = list ? list->arraySize(kMaximumWords) : 0;
    for (std::size_t i = 0; i < count; ++i) {
        const JsonField field = list->item(i);
        AddedToken word = wordOf(field);
        word.id = static_cast<std::int32_t>(field.at("id").integer(0, kMaximumId));
        put(std::move(word), field);
    }
}

void Reader::readAdded() {
    if (m_config.find("added_tokens_decoder")) {
        return;
    }
    const OptionalFile file(m_folder, "added_tokens.json");
    const std::optional<JsonField> root = file.root();
    if (!root) {
        return;
    }
    if (!root->value().is_object()) {
        root->fail("must be an object of words and their ids");
    }
    for (const auto& [text, value] : root->value().items()) {
        const JsonField field = root->child(value, fmt::format("\"{}\"", text.substr(0, 40)));
        AddedToken word;
        word.content = text;
        word.id = static_cast<std::int32_t>(field.integer(0, kMaximumId));
        put(std::move(word), field);
    }
}

std::optional<JsonField> Reader::named(const char* name) const {
    const std::optional<JsonField> own = m_config.find(name);
    const std::optional<JsonField> map =
        m_config.find("added_tokens_decoder") ? std::nullopt : m_map.find(name);
    return map ? map : own;
}

void Reader::readNamed(const JsonField& field) {
    AddedToken word = wordOf(field);
    word.id = idOf(word.content);
    if (word.id < 0) {
        word.id = m_next;
    }
    put(std::move(word), field);
}

void Reader::readNamed() {
    for (const char* name : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                             "cls_token", "mask_token"}) {
        if (const std::optional<JsonField> field = named(name)) {
            readNamed(*field);
        }
    }
    for (const char* name : {"additional_special_tokens", "extra_special_tokens"}) {
        const std::optional<JsonField> list = named(name);
        if (!list || !list->value().is_array()) {
            continue; // extra_special_tokens may be an object of names
        }
        const std::size_t count = list->arraySize(kMaximumWords);
        for (std::size_t i = 0; i < count; ++i) {
            readNamed(list->item(i));
        }
    }
}

std::int32_t Reader::idOf(const std::string& word) const {
    const auto found = m_ids.find(word);
    return found != m_ids.end() ? found->second : m_pieceId(word);
}

/// The step of this type in a normalizer or pre-tokenizer, alone or in a Sequence.
std::optional<JsonField>
findStep(const std::optional<JsonField>& field, const char* type, const char* list) {
    constexpr std::size_t kMaximumSteps = 64;
    if (!field || field->string("type", "") == type) {
        return field;
    }
    const std::optional<JsonField> steps = field->find(list);
    const std::size_t count = steps ? steps->arraySize(kMaximumSteps) : 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (steps->item(i).string("type", "") == type) {
            return steps->item(i);
        }
    }
    return std::nullopt;
}

PrefixSpace Reader::prefixSpace() const {
    const std::optional<JsonField> metaspace =
        findStep(m_json.find("pre_tokenizer"), "Metaspace", "pretokenizers");
    if (metaspace) {
        const std::string scheme = prependScheme(*metaspace);
        return scheme == "first"   ? PrefixSpace::FirstStretch
               : scheme == "never" ? PrefixSpace::Never
                                   : PrefixSpace::EveryStretch;
    }
    const std::optional<JsonField> normalizer = m_json.find("normalizer");
    if (findStep(normalizer, "Prepend", "normalizers")) {
        return PrefixSpace::EveryStretch; // it prepends to whatever lies between two words
    }
    if (findStep(normalizer, "Replace", "normalizers")) {
        return PrefixSpace::Never; // spaces become marks, and nothing is put in front
    }
    const auto isFalse = [this](const char* name) {
        const std::optional<JsonField> field = m_config.find(name);
        return field && !field->boolean();
    };
    return isFalse("add_prefix_space") ? PrefixSpace::Never
           : isFalse("legacy")         ? PrefixSpace::FirstStretch
                                       : PrefixSpace::EveryStretch;
}

std::optional<std::vector<std::int32_t>> Reader::promptStart() const {
    using Ids = std::vector<std::int32_t>;
    const std::optional<JsonField> root = m_json.root();
    if (root && root->find("post_processor")) {
        return promptStartOf(*root, m_next);
    }
    const std::optional<JsonField> config = m_config.root();
    if (config && !config->boolean("add_bos_token", true)) {
        return Ids();
    }
    if (const std::optional<JsonField> mark = named("bos_token")) {
        const std::int32_t id = idOf(wordOf(*mark).content);
        return id < 0 ? Ids() : Ids{id};
    }
    // A field that is there and names nothing is null.
    const bool isNull =
        config && config->value().is_object() && config->value().contains("bos_token");
    return isNull ? std::optional(Ids()) : std::nullopt;
}

} // namespace

SpecialWords readSpecialWords(const std::filesystem::path& folder,
                              const std::function<std::int32_t(std::string_view)>& pieceId,
                              std::int32_t size) {
    return Reader(folder, pieceId, size).read();
}

} // namespace depthscope::tokenizers
