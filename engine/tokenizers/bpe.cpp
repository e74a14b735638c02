// SPDX-License-Identifier: MIT
#include "engine/tokenizers/bpe.h"

#include "engine/base/utf8.h"
#include "engine/tokenizers/bpe_file.h"
#include "engine/tokenizers/byte_letters.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr std::size_t kCachedWord = 64;

/// Finds texts by view, without a copy.
struct ViewHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>()(text);
    }
};

class BpeTokenizer final : public Tokenizer {
public:
    explicit BpeTokenizer(BpeFile file);

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override;
    [[nodiscard]] std::string bytes(std::int32_t id) const override;
    [[nodiscard]] std::string decode(const std::vector<std::int32_t>& ids) const override;

    [[nodiscard]] std::int32_t size() const override {
        return static_cast<std::int32_t>(m_bytes.size());
    }

    [[nodiscard]] std::uint64_t hash() const override { return m_hash; }

    [[nodiscard]] std::vector<std::int32_t> promptStart() const override { return m_promptStart; }

private:
    friend class BpeEncoder;

    using Ids = std::unordered_map<std::string, std::int32_t, ViewHash, std::equal_to<>>;

    void index(const BpeFile& file);

    std::uint64_t m_hash;
    std::vector<std::string> m_pieces; ///< by id, as the decoder takes them
    std::vector<bool> m_isPiece;       ///< by id; else it is free
    std::vector<std::string> m_bytes;  ///< by id
    bool m_letters; ///< words are bytes, and letters of the pieces stand for them
    std::array<std::int32_t, 256> m_byte{}; ///< id of a byte's letter, or of its <0xE9>; -1: none
    Ids m_characters;                       ///< pieces of one character; none where m_letters
    Ids m_whole;                            ///< words that skip the merges
    std::vector<std::int32_t> m_promptStart;
    std::int32_t m_unknown;
    bool m_fuseUnknown;
    Normalizer m_normalizer;
    PreTokenizer m_splitter;
    Decoder m_decoder;
    AddedTokens m_added;
    BpeMerges m_merges;
};

/// Writes the symbols that a word starts from. What has no piece becomes the unknown one; without
/// such a piece it is left out, as the library does, and its bytes belong to the next symbol.
class SymbolWriter {
public:
    SymbolWriter(std::vector<BpeSymbol>& word, std::int32_t unknown, bool fuse)
        : m_word(word)
        , m_unknown(unknown)
        , m_fuse(fuse) {}

    void put(std::int32_t id, std::uint32_t bytes) {
        flush();
        putBeforeUnknown(id, bytes);
    }

    /// An unknown that is still open comes after it: so does the library's.
    void putBeforeUnknown(std::int32_t id, std::uint32_t bytes) {
        m_word.push_back({id, bytes + std::exchange(m_dropped, 0)});
    }

    void putUnknown(std::uint32_t bytes) {
        if (m_unknown < 0) {
            m_dropped += bytes;
            return;
        }
        if (!m_fuse) {
            flush();
        }
        m_open += bytes;
    }

    void finish() {
        flush();
        if (!m_word.empty()) {
            m_word.back().bytes += m_dropped;
        }
    }

private:
    void flush() {
        if (m_open > 0) {
            putBeforeUnknown(m_unknown, std::exchange(m_open, 0));
        }
    }

    std::vector<BpeSymbol>& m_word;
    std::int32_t m_unknown;
    bool m_fuse;
    std::uint32_t m_open = 0;    ///< bytes of an unknown that may go on
    std::uint32_t m_dropped = 0; ///< bytes that no symbol stands for
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
    void encodeNormal(NormalView normal, TextRange range);
    void encodeWord(NormalView normal, TextRange word);
    void merge(std::string_view word);
    void startFromBytes(std::string_view word);
    void startFromCharacters(std::string_view word);
    void put(std::span<const BpeSymbol> symbols, NormalView normal, TextRange word);

    const BpeTokenizer& m_tokenizer;
    std::string_view m_text;
    std::vector<Piece> m_pieces;
    Regex::Scratch m_regex;
    MergeScratch m_scratch;
    std::vector<BpeSymbol> m_word;
    std::unordered_map<std::string, Known, ViewHash, std::equal_to<>> m_known;
    std::vector<BpeSymbol> m_pool; ///< the pieces of all words in m_known
};

BpeTokenizer::BpeTokenizer(BpeFile file)
    : m_hash(file.hash)
    , m_letters(file.splitter.endsInBytes())
    , m_promptStart(std::move(file.promptStart))
    , m_unknown(file.unknown)
    , m_fuseUnknown(file.fuseUnknown)
    , m_normalizer(std::move(file.normalizer))
    , m_splitter(std::move(file.splitter))
    , m_decoder(std::move(file.decoder))
    , m_added(file.added)
    , m_merges(file.merges) {
    index(file);
    m_pieces = std::move(file.pieces);
    m_isPiece = std::move(file.inModel);
    // Added tokens are decoded like pieces: letters stand for bytes even where they were meant as
    // letters. That is what `tokenizers` does.
    for (AddedToken& token : file.added) {
        m_pieces[static_cast<std::size_t>(token.id)] = std::move(token.content);
        m_isPiece[static_cast<std::size_t>(token.id)] = true;
    }
    m_bytes.reserve(m_pieces.size());
    for (const std::string& piece : m_pieces) {
        m_bytes.push_back(m_decoder.piece(piece));
    }
}

void BpeTokenizer::index(const BpeFile& file) {
    const ByteLetters letters;
    m_byte.fill(-1);
    for (std::size_t id = 0; id < file.pieces.size(); ++id) {
        const std::string& piece = file.pieces[id];
        const auto number = static_cast<std::int32_t>(id);
        if (!file.inModel[id]) {
            continue;
        }
        if (!m_letters) {
            const std::optional<char> byte = file.byteFallback ? spelledByte(piece) : std::nullopt;
            if (byte && piece.find_first_of("abcdef") == std::string::npos) { // as it is asked for
                m_byte[static_cast<unsigned char>(*byte)] = number;
            }
            if (utf8Length(piece, 0) == piece.size()) {
                m_characters.emplace(piece, number);
            }
            if (file.ignoreMerges) {
                m_whole.emplace(piece, number);
            }
            continue;
        }
        const std::optional<std::string> bytes = letters.toBytes(piece);
        if (bytes && bytes->size() == 1) {
            m_byte[static_cast<unsigned char>(bytes->front())] = number;
        }
        if (bytes && file.ignoreMerges) {
            m_whole.emplace(*bytes, number);
        }
    }
}

std::vector<Piece> BpeTokenizer::encode(std::string_view text) const {
    return BpeEncoder(*this, text).run();
}

std::string BpeTokenizer::bytes(std::int32_t id) const {
    return id < 0 || id >= size() ? std::string() : m_bytes[static_cast<std::size_t>(id)];
}

std::string BpeTokenizer::decode(const std::vector<std::int32_t>& ids) const {
    if (m_decoder.isPlain()) {
        return Tokenizer::decode(ids);
    }
    std::vector<std::string> pieces;
    for (const std::int32_t id : ids) {
        if (id >= 0 && id < size() && m_isPiece[static_cast<std::size_t>(id)]) {
            pieces.push_back(m_pieces[static_cast<std::size_t>(id)]);
        }
    }
    return m_decoder.text(std::move(pieces));
}

std::vector<Piece> BpeEncoder::run() {
    checkLength(m_text, std::numeric_limits<std::uint32_t>::max());
    const auto size = static_cast<std::uint32_t>(m_text.size());
    for (std::uint32_t at = 0; at < size;) {
        const auto end = static_cast<std::uint32_t>(utf8RunEnd(m_text, at));
        if (end > at) {
            encodeValid({at, end});
            at = end;
        } else {
            encodeWord({m_text}, {at, at + 1});
            ++at;
        }
    }
    closeGaps(m_pieces, size); // a pre-tokenizer or a normalizer may drop text
    return std::move(m_pieces);
}

void BpeEncoder::encodeValid(TextRange range) {
    for (const Segment& raw : m_tokenizer.m_added.split(AddedTokens::Pass::Raw, m_text, range)) {
        if (raw.id >= 0) {
            m_pieces.push_back({raw.id, raw.range.begin, raw.range.end});
        } else if (m_tokenizer.m_normalizer.isIdentity()) {
            encodeNormal({m_text}, raw.range);
        } else {
            const NormalText normal = m_tokenizer.m_normalizer.apply(
                asItIs(NormalView{m_text}.part(raw.range), raw.range.begin), m_regex);
            encodeNormal({normal.text, normal.origin.data()},
                         {0, static_cast<std::uint32_t>(normal.text.size())});
        }
    }
}

void BpeEncoder::encodeNormal(NormalView normal, TextRange range) {
    for (const Segment& segment :
         m_tokenizer.m_added.split(AddedTokens::Pass::Normalized, normal.text, range)) {
        if (segment.id >= 0) {
            m_pieces.push_back(
                {segment.id, normal.offset(segment.range.begin), normal.offset(segment.range.end)});
            continue;
        }
        CutText cut(normal, segment.range);
        m_tokenizer.m_splitter.split(cut, m_regex);
        for (const TextRange& word : cut.words) {
            encodeWord(cut.view(), word);
        }
    }
}

void BpeEncoder::encodeWord(NormalView normal, TextRange word) {
    const std::string_view bytes = normal.part(word);
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

void BpeEncoder::merge(std::string_view word) {
    m_word.clear();
    const auto& wholeWords = m_tokenizer.m_whole;
    const auto whole = wholeWords.empty() ? wholeWords.end() : wholeWords.find(word);
    if (whole != wholeWords.end()) {
        m_word.push_back({whole->second, static_cast<std::uint32_t>(word.size())});
        return;
    }
    if (m_tokenizer.m_letters) {
        startFromBytes(word);
    } else {
        startFromCharacters(word);
    }
    m_tokenizer.m_merges.apply(m_word, m_scratch);
}

void BpeEncoder::startFromBytes(std::string_view word) {
    SymbolWriter symbols(m_word, m_tokenizer.m_unknown, m_tokenizer.m_fuseUnknown);
    for (const char byte : word) {
        const std::int32_t letter = m_tokenizer.m_byte[static_cast<unsigned char>(byte)];
        if (letter < 0) {
            symbols.putUnknown(1);
        } else {
            symbols.put(letter, 1);
        }
    }
    symbols.finish();
}

void BpeEncoder::startFromCharacters(std::string_view word) {
    SymbolWriter symbols(m_word, m_tokenizer.m_unknown, m_tokenizer.m_fuseUnknown);
    const auto byteId = [&](char byte) {
        return m_tokenizer.m_byte[static_cast<unsigned char>(byte)];
    };
    for (std::size_t at = 0; at < word.size();) {
        // Bytes that are not UTF-8 stand alone.
        const std::size_t length = std::max<std::size_t>(1, utf8Length(word, at));
        const std::string_view character = word.substr(at, length);
        const auto found = m_tokenizer.m_characters.find(character);
        if (found != m_tokenizer.m_characters.end()) {
            symbols.put(found->second, static_cast<std::uint32_t>(length));
        } else if (std::ranges::all_of(character, [&](char byte) { return byteId(byte) >= 0; })) {
            for (const char byte : character) {
                symbols.putBeforeUnknown(byteId(byte), 1);
            }
        } else {
            symbols.putUnknown(static_cast<std::uint32_t>(length));
        }
        at += length;
    }
    symbols.finish();
}

void BpeEncoder::put(std::span<const BpeSymbol> symbols, NormalView normal, TextRange word) {
    std::uint32_t at = word.begin;
    for (const BpeSymbol& symbol : symbols) {
        const std::uint32_t end = std::min(at + symbol.bytes, word.end);
        m_pieces.push_back({symbol.id, normal.offset(at), normal.offset(end)});
        at = end;
    }
}

} // namespace

std::unique_ptr<Tokenizer> loadBpe(const std::filesystem::path& file) {
    return std::make_unique<BpeTokenizer>(readBpeFile(file));
}

std::unique_ptr<Tokenizer> bpeOfText(std::string_view text, const std::string& name) {
    return std::make_unique<BpeTokenizer>(readBpeText(text, name));
}

} // namespace depthscope::tokenizers
