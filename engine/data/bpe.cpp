// SPDX-License-Identifier: MIT
#include "engine/data/bpe.h"

#include "engine/base/error.h"
#include "engine/data/bpe_file.h"
#include "engine/data/byte_letters.h"
#include "engine/data/utf8.h"

#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

namespace depthscope::data {

namespace {

constexpr std::size_t kCachedWord = 64;

class BpeTokenizer final : public Tokenizer {
public:
    explicit BpeTokenizer(BpeFile file);

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override;
    [[nodiscard]] std::string bytes(std::int32_t id) const override;

    [[nodiscard]] std::int32_t size() const override {
        return static_cast<std::int32_t>(m_bytes.size());
    }

    [[nodiscard]] std::uint64_t hash() const override { return m_hash; }

private:
    friend class BpeEncoder;

    std::uint64_t m_hash;
    std::vector<std::string> m_bytes;                      ///< by id
    std::array<std::int32_t, 256> m_letter{};              ///< id of every byte; -1: none
    std::unordered_map<std::string, std::int32_t> m_whole; ///< words that skip the merges
    std::int32_t m_unknown;
    bool m_fuseUnknown;
    PreTokenizer m_splitter;
    AddedTokens m_added;
    BpeMerges m_merges;
};

/// One encode call: its working memory, and the words it has met.
class BpeEncoder {
public:
    BpeEncoder(const BpeTokenizer& tokenizer, std::string_view text)
        : m_tokenizer(tokenizer)
        , m_text(text) {}

    std::vector<Piece> run();

private:
    struct Known {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    void encodeValid(TextRange range);
    void encodeWord(TextRange word);
    void merge(std::string_view bytes, std::uint32_t offset);
    void put(std::uint32_t begin, const BpeSymbol& symbol);

    const BpeTokenizer& m_tokenizer;
    std::string_view m_text;
    std::vector<Piece> m_pieces;
    Regex::Scratch m_regex;
    MergeScratch m_scratch;
    std::vector<BpeSymbol> m_word;
    std::unordered_map<std::string_view, Known> m_known;
    std::vector<BpeSymbol> m_pool; ///< the pieces of all words in m_known
};

BpeTokenizer::BpeTokenizer(BpeFile file)
    : m_hash(file.hash)
    , m_unknown(file.unknown)
    , m_fuseUnknown(file.fuseUnknown)
    , m_splitter(std::move(file.splitter))
    , m_added(file.added)
    , m_merges(file.merges) {
    const ByteLetters letters;
    m_letter.fill(-1);
    m_bytes.reserve(file.pieces.size());
    for (std::size_t id = 0; id < file.pieces.size(); ++id) {
        std::string& piece = file.pieces[id];
        std::optional<std::string> bytes = letters.toBytes(piece);
        const bool mergeable = bytes && file.inModel[id];
        if (mergeable && bytes->size() == 1) {
            m_letter[static_cast<unsigned char>(bytes->front())] = static_cast<std::int32_t>(id);
        }
        if (mergeable && file.ignoreMerges) {
            m_whole.emplace(*bytes, static_cast<std::int32_t>(id));
        }
        const bool asBytes = bytes && !file.isAdded[id];
        m_bytes.push_back(asBytes ? *std::move(bytes) : std::move(piece));
    }
}

std::vector<Piece> BpeTokenizer::encode(std::string_view text) const {
    return BpeEncoder(*this, text).run();
}

std::string BpeTokenizer::bytes(std::int32_t id) const {
    return id < 0 || id >= size() ? std::string() : m_bytes[static_cast<std::size_t>(id)];
}

std::vector<Piece> BpeEncoder::run() {
    if (m_text.size() > std::numeric_limits<std::uint32_t>::max()) {
        throw Error(ErrorCode::BadInput, "a text of " + std::to_string(m_text.size()) +
                                             " bytes is too long to encode at once");
    }
    const auto size = static_cast<std::uint32_t>(m_text.size());
    for (std::uint32_t at = 0; at < size;) {
        const auto end = static_cast<std::uint32_t>(utf8RunEnd(m_text, at));
        if (end > at) {
            encodeValid({at, end});
            at = end;
        } else {
            merge(m_text.substr(at, 1), at);
            ++at;
        }
    }
    // A pre-tokenizer may drop text (behavior "Removed"): its bytes belong to the piece after them.
    std::uint32_t begin = 0;
    for (Piece& piece : m_pieces) {
        piece.begin = begin;
        begin = piece.end;
    }
    if (!m_pieces.empty()) {
        m_pieces.back().end = size;
    }
    return std::move(m_pieces);
}

void BpeEncoder::encodeValid(TextRange range) {
    for (const Segment& segment : m_tokenizer.m_added.split(m_text, range, m_regex)) {
        if (segment.id >= 0) {
            m_pieces.push_back({segment.id, segment.range.begin, segment.range.end});
            continue;
        }
        for (const TextRange word : m_tokenizer.m_splitter.split(m_text, segment.range, m_regex)) {
            encodeWord(word);
        }
    }
}

void BpeEncoder::encodeWord(TextRange word) {
    const std::string_view bytes = m_text.substr(word.begin, word.end - word.begin);
    if (bytes.size() > kCachedWord) {
        merge(bytes, word.begin);
        return;
    }
    const auto [entry, isNew] = m_known.try_emplace(bytes);
    if (isNew) {
        merge(bytes, word.begin);
        entry->second = {m_pool.size(), m_word.size()};
        m_pool.insert(m_pool.end(), m_word.begin(), m_word.end());
        return;
    }
    std::uint32_t begin = word.begin;
    for (std::size_t i = 0; i < entry->second.count; ++i) {
        const BpeSymbol& symbol = m_pool[entry->second.first + i];
        put(begin, symbol);
        begin += symbol.bytes;
    }
}

void BpeEncoder::merge(std::string_view bytes, std::uint32_t offset) {
    m_word.clear();
    const auto& wholeWords = m_tokenizer.m_whole;
    const auto whole = wholeWords.empty() ? wholeWords.end() : wholeWords.find(std::string(bytes));
    if (whole != wholeWords.end()) {
        m_word.push_back({whole->second, static_cast<std::uint32_t>(bytes.size())});
    } else {
        bool unknownBefore = false;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const std::int32_t letter = m_tokenizer.m_letter[static_cast<unsigned char>(bytes[i])];
            const bool unknown = letter < 0;
            if (unknown && m_tokenizer.m_unknown < 0) {
                throw Error(ErrorCode::BadInput,
                            "byte " + std::to_string(offset + i) +
                                " of the text: the vocabulary has no piece for it");
            }
            if (unknown && unknownBefore && m_tokenizer.m_fuseUnknown) {
                ++m_word.back().bytes;
            } else {
                m_word.push_back({unknown ? m_tokenizer.m_unknown : letter, 1});
            }
            unknownBefore = unknown;
        }
        m_tokenizer.m_merges.apply(m_word, m_scratch);
    }
    for (const BpeSymbol& symbol : m_word) {
        put(offset, symbol);
        offset += symbol.bytes;
    }
}

void BpeEncoder::put(std::uint32_t begin, const BpeSymbol& symbol) {
    m_pieces.push_back({symbol.id, begin, begin + symbol.bytes});
}

} // namespace

std::unique_ptr<Tokenizer> loadBpe(const std::filesystem::path& file) {
    return std::make_unique<BpeTokenizer>(readBpeFile(file));
}

} // namespace depthscope::data
