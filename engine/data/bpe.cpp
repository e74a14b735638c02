// SPDX-License-Identifier: MIT
#include "engine/data/bpe.h"

#include "engine/base/error.h"
#include "engine/data/bpe_file.h"
#include "engine/data/byte_letters.h"
#include "engine/data/utf8.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
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

    [[nodiscard]] std::vector<std::int32_t> promptStart() const override { return m_promptStart; }

private:
    friend class BpeEncoder;

    std::uint64_t m_hash;
    std::vector<std::string> m_bytes;                      ///< by id
    std::array<std::int32_t, 256> m_letter{};              ///< id of every byte; -1: none
    std::unordered_map<std::string, std::int32_t> m_whole; ///< words that skip the merges
    std::vector<std::int32_t> m_promptStart;
    std::int32_t m_unknown;
    bool m_fuseUnknown;
    Normalizer m_normalizer;
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
    /// What is split into words: the text, or what the normalizer made of a stretch of it.
    struct Normal {
        std::string_view text;
        const std::uint32_t* origin; ///< NormalText::origin; null: the text itself

        [[nodiscard]] std::uint32_t offset(std::uint32_t at) const {
            return origin == nullptr ? at : origin[at];
        }
    };

    /// Finds words by view, without a copy.
    struct ViewHash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };

    struct Known {
        std::size_t first = 0;
        std::size_t count = 0;
    };

    void encodeValid(TextRange range);
    void encodeNormal(const Normal& normal, TextRange range);
    void encodeWord(const Normal& normal, const Word& word);
    void merge(std::string_view bytes);
    void put(std::span<const BpeSymbol> symbols, const Normal& normal, const Word& word);

    const BpeTokenizer& m_tokenizer;
    std::string_view m_text;
    std::vector<Piece> m_pieces;
    Regex::Scratch m_regex;
    MergeScratch m_scratch;
    std::vector<BpeSymbol> m_word;
    std::string m_spaced;
    std::uint32_t m_at = 0; ///< where the word begins, for messages
    std::unordered_map<std::string, Known, ViewHash, std::equal_to<>> m_known;
    std::vector<BpeSymbol> m_pool; ///< the pieces of all words in m_known
};

BpeTokenizer::BpeTokenizer(BpeFile file)
    : m_hash(file.hash)
    , m_promptStart(std::move(file.promptStart))
    , m_unknown(file.unknown)
    , m_fuseUnknown(file.fuseUnknown)
    , m_normalizer(std::move(file.normalizer))
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
        m_bytes.push_back(bytes ? *std::move(bytes) : std::move(piece));
    }
    // Added tokens are decoded like pieces: letters stand for bytes even where they were meant as
    // letters. That is what `tokenizers` does.
    for (const AddedToken& token : file.added) {
        m_bytes[static_cast<std::size_t>(token.id)] =
            letters.toBytes(token.content).value_or(token.content);
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
            encodeWord({m_text, nullptr}, {at, at + 1, false});
            ++at;
        }
    }
    // A pre-tokenizer or a normalizer may drop text: its bytes belong to the piece after them.
    std::uint32_t begin = 0;
    for (Piece& piece : m_pieces) {
        piece.begin = begin;
        begin = piece.end = std::max(begin, piece.end);
    }
    if (!m_pieces.empty()) {
        m_pieces.back().end = size;
    }
    return std::move(m_pieces);
}

void BpeEncoder::encodeValid(TextRange range) {
    for (const Segment& raw :
         m_tokenizer.m_added.split(AddedTokens::Pass::Raw, m_text, range, m_regex)) {
        if (raw.id >= 0) {
            m_pieces.push_back({raw.id, raw.range.begin, raw.range.end});
        } else if (m_tokenizer.m_normalizer.isIdentity()) {
            encodeNormal({m_text, nullptr}, raw.range);
        } else {
            const std::string_view inside =
                m_text.substr(raw.range.begin, raw.range.end - raw.range.begin);
            const NormalText normal =
                m_tokenizer.m_normalizer.apply(asItIs(inside, raw.range.begin), m_regex);
            encodeNormal({normal.text, normal.origin.data()},
                         {0, static_cast<std::uint32_t>(normal.text.size())});
        }
    }
}

void BpeEncoder::encodeNormal(const Normal& normal, TextRange range) {
    for (const Segment& segment :
         m_tokenizer.m_added.split(AddedTokens::Pass::Normalized, normal.text, range, m_regex)) {
        if (segment.id >= 0) {
            m_pieces.push_back(
                {segment.id, normal.offset(segment.range.begin), normal.offset(segment.range.end)});
            continue;
        }
        for (const Word& word : m_tokenizer.m_splitter.split(normal.text, segment.range, m_regex)) {
            encodeWord(normal, word);
        }
    }
}

void BpeEncoder::encodeWord(const Normal& normal, const Word& word) {
    std::string_view bytes = normal.text.substr(word.begin, word.end - word.begin);
    if (word.spaceBefore) {
        (m_spaced = ' ') += bytes;
        bytes = m_spaced;
    }
    m_at = normal.offset(word.begin);
    if (bytes.size() > kCachedWord) {
        merge(bytes);
        put(m_word, normal, word);
        return;
    }
    auto known = m_known.find(bytes);
    if (known == m_known.end()) {
        merge(bytes);
        known = m_known.emplace(bytes, Known{m_pool.size(), m_word.size()}).first;
        m_pool.insert(m_pool.end(), m_word.begin(), m_word.end());
    }
    put(std::span(m_pool).subspan(known->second.first, known->second.count), normal, word);
}

void BpeEncoder::merge(std::string_view bytes) {
    m_word.clear();
    const auto& wholeWords = m_tokenizer.m_whole;
    const auto whole = wholeWords.empty() ? wholeWords.end() : wholeWords.find(std::string(bytes));
    if (whole != wholeWords.end()) {
        m_word.push_back({whole->second, static_cast<std::uint32_t>(bytes.size())});
        return;
    }
    bool unknownBefore = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::int32_t letter = m_tokenizer.m_letter[static_cast<unsigned char>(bytes[i])];
        const bool unknown = letter < 0;
        if (unknown && m_tokenizer.m_unknown < 0) {
            throw Error(ErrorCode::BadInput,
                        "byte " + std::to_string(m_at + i) +
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

void BpeEncoder::put(std::span<const BpeSymbol> symbols, const Normal& normal, const Word& word) {
    std::uint32_t at = word.begin;
    bool spaceBefore = word.spaceBefore;
    for (const BpeSymbol& symbol : symbols) {
        const std::uint32_t end = at + symbol.bytes - (spaceBefore ? 1 : 0);
        m_pieces.push_back({symbol.id, normal.offset(at), normal.offset(end)});
        at = end;
        spaceBefore = false;
    }
}

} // namespace

std::unique_ptr<Tokenizer> loadBpe(const std::filesystem::path& file) {
    return std::make_unique<BpeTokenizer>(readBpeFile(file));
}

} // namespace depthscope::data
