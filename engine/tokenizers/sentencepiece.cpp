// SPDX-License-Identifier: MIT
#include "engine/tokenizers/sentencepiece.h"

#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "engine/base/text_file.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/sentencepiece_check.h"
#include "engine/tokenizers/special_words.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

namespace depthscope::tokenizers {

namespace {

constexpr std::uint64_t kMaximumBytes = 64U << 20U;
constexpr std::string_view kSpaceMark = "\xe2\x96\x81"; // U+2581 stands for a space

class SentencePieceTokenizer final : public Tokenizer {
public:
    explicit SentencePieceTokenizer(const std::filesystem::path& path);

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override;
    [[nodiscard]] std::string bytes(std::int32_t id) const override;
    [[nodiscard]] std::string decode(const std::vector<std::int32_t>& ids) const override;

    [[nodiscard]] std::int32_t size() const override {
        return static_cast<std::int32_t>(m_bytes.size());
    }

    [[nodiscard]] std::uint64_t hash() const override { return m_hash; }

    [[nodiscard]] std::vector<std::int32_t> promptStart() const override { return m_promptStart; }

private:
    using Processor = sentencepiece::SentencePieceProcessor;

    /// What is wrong with the content; empty where it is loaded.
    [[nodiscard]] std::string loadFrom(const std::string& content);
    [[nodiscard]] std::string bytesOf(int id) const;
    void addWords(const std::filesystem::path& folder, const std::string& content);
    void appendPieces(std::string_view text, TextRange range, std::vector<Piece>& pieces) const;
    [[nodiscard]] bool isPiece(std::int32_t id) const;

    Processor m_processor;
    std::unique_ptr<Processor> m_unprefixed; ///< where some stretch gets no space in front
    PrefixSpace m_prefixSpace = PrefixSpace::EveryStretch;
    std::optional<AddedTokens> m_words;
    std::vector<std::string> m_bytes; ///< by id
    std::vector<bool> m_isWord;       ///< by id
    std::vector<std::int32_t> m_promptStart;
    std::uint64_t m_hash = 0;
};

SentencePieceTokenizer::SentencePieceTokenizer(const std::filesystem::path& path) {
    const std::string content = readWhole(path, kMaximumBytes);
    if (const std::string error = loadFrom(content); !error.empty()) {
        throw Error(ErrorCode::BadInput,
                    fmt::format("{}: not a SentencePiece model: {}", path.string(), error),
                    "The file is damaged or not of the expected type; download it again from the "
                    "source of the weights.");
    }
    for (int id = 0; id < m_processor.GetPieceSize(); ++id) {
        m_bytes.push_back(bytesOf(id));
    }
    Fnv fnv;
    fnv.add("sentencepiece");
    fnv.add(content);
    m_hash = fnv.value();
    addWords(path.parent_path(), content);
}

void SentencePieceTokenizer::addWords(const std::filesystem::path& folder,
                                      const std::string& content) {
    const auto pieceId = [this](std::string_view text) {
        const int id = m_processor.PieceToId(text);
        return m_processor.IdToPiece(id) == text ? id : -1;
    };
    SpecialWords special = readSpecialWords(folder, pieceId, size());
    m_isWord.resize(m_bytes.size());
    Fnv fnv;
    fnv.add(m_hash);
    for (const AddedToken& word : special.words) {
        const auto at = static_cast<std::size_t>(word.id);
        m_bytes.resize(std::max(m_bytes.size(), at + 1));
        m_isWord.resize(m_bytes.size());
        m_bytes[at] = word.content;
        m_isWord[at] = true;
        fnv.add(static_cast<std::uint64_t>(word.id) * 8 + (word.singleWord ? 1U : 0U) +
                (word.leftStrip ? 2U : 0U) + (word.rightStrip ? 4U : 0U));
        fnv.add(word.content);
    }
    m_prefixSpace = special.prefixSpace;
    fnv.add(static_cast<std::uint64_t>(m_prefixSpace));
    if (!special.words.empty()) {
        m_words.emplace(special.words);
    }
    if (m_words || m_prefixSpace == PrefixSpace::Never) {
        m_hash = fnv.value(); // a model alone keeps the hash that token streams know
    }
    if (m_prefixSpace != PrefixSpace::EveryStretch) {
        // Messages of protocol buffers merge: normalizer_spec { add_dummy_prefix: false }
        m_unprefixed = std::make_unique<Processor>();
        static_cast<void>(
            m_unprefixed->LoadFromSerializedProto(content + std::string("\x1a\x02\x18\0", 4)));
    }
    if (special.promptStart) {
        m_promptStart = *std::move(special.promptStart);
    } else if (m_processor.bos_id() >= 0) {
        m_promptStart.push_back(m_processor.bos_id());
    }
}

std::string SentencePieceTokenizer::loadFrom(const std::string& content) {
    if (std::string error = errorInRules(content); !error.empty()) {
        return error;
    }
    try {
        const sentencepiece::util::Status status = m_processor.LoadFromSerializedProto(content);
        return status.ok() ? "" : status.error_message();
    } catch (const std::exception& error) { // of the trie that it builds from the pieces
        return error.what();
    }
}

std::string SentencePieceTokenizer::bytesOf(int id) const {
    if (m_processor.IsControl(id)) {
        return {};
    }
    const std::string& piece = m_processor.IdToPiece(id);
    if (m_processor.IsByte(id)) {
        // "<0xE9>"
        unsigned value = 0;
        std::from_chars(piece.data() + std::min<std::size_t>(3, piece.size()),
                        piece.data() + piece.size(), value, 16);
        return std::string(1, static_cast<char>(value & 0xffU));
    }
    if (m_processor.IsUnknown(id)) {
        return m_processor.DecodeIds({id});
    }
    std::string text = piece;
    for (std::size_t at = 0; (at = text.find(kSpaceMark, at)) != std::string::npos; ++at) {
        text.replace(at, kSpaceMark.size(), " ");
    }
    return text;
}

std::vector<Piece> SentencePieceTokenizer::encode(std::string_view text) const {
    checkLength(text, std::numeric_limits<std::int32_t>::max());
    const TextRange all{0, static_cast<std::uint32_t>(text.size())};
    std::vector<Piece> pieces;
    const std::vector<Segment> segments =
        m_words ? m_words->split(AddedTokens::Pass::Raw, text, all) : std::vector{Segment{all, -1}};
    for (const Segment& segment : segments) {
        if (segment.id < 0) {
            appendPieces(text, segment.range, pieces);
        } else {
            pieces.push_back({segment.id, segment.range.begin, segment.range.end});
        }
    }
    closeGaps(pieces, all.end); // the model may drop spaces
    return pieces;
}

void SentencePieceTokenizer::appendPieces(std::string_view text,
                                          TextRange range,
                                          std::vector<Piece>& pieces) const {
    const bool prefixed = m_prefixSpace == PrefixSpace::EveryStretch ||
                          (m_prefixSpace == PrefixSpace::FirstStretch && range.begin == 0);
    const Processor& processor = prefixed ? m_processor : *m_unprefixed;
    sentencepiece::ImmutableSentencePieceText encoded;
    const sentencepiece::util::Status status =
        processor.Encode(NormalView{text}.part(range), encoded.mutable_proto());
    if (!status.ok()) {
        throw Error(ErrorCode::BadInput,
                    std::string("the text cannot be encoded: ") + status.error_message());
    }
    for (std::size_t i = 0; i < encoded.pieces_size(); ++i) {
        const auto piece = encoded.pieces(static_cast<int>(i));
        pieces.push_back({static_cast<std::int32_t>(piece.id()), range.begin,
                          std::min(range.begin + piece.end(), range.end)});
    }
}

bool SentencePieceTokenizer::isPiece(std::int32_t id) const {
    return id >= 0 && id < m_processor.GetPieceSize() && !m_isWord[static_cast<std::size_t>(id)];
}

std::string SentencePieceTokenizer::bytes(std::int32_t id) const {
    return id < 0 || id >= size() ? std::string() : m_bytes[static_cast<std::size_t>(id)];
}

std::string SentencePieceTokenizer::decode(const std::vector<std::int32_t>& ids) const {
    std::vector<std::int32_t> known;
    std::ranges::copy_if(ids, std::back_inserter(known),
                         [this](std::int32_t id) { return id >= 0 && id < size(); });
    // The library leaves out the space in front of the text; behind a word it stays.
    const auto isPieceId = [this](std::int32_t id) { return isPiece(id); };
    auto end = std::ranges::find_if_not(known, isPieceId);
    const Processor& processor = m_prefixSpace == PrefixSpace::Never ? *m_unprefixed : m_processor;
    std::string text = processor.DecodeIds(std::vector<int>(known.begin(), end));
    while (end != known.end()) {
        const auto begin = end;
        const bool pieces = isPiece(*begin);
        end = std::find_if(begin, known.end(), [&](int id) { return isPiece(id) != pieces; });
        std::string run;
        for (auto id = begin; id != end; ++id) {
            run += bytes(*id);
        }
        text += wellFormed(run);
    }
    return text;
}

} // namespace

std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path& file) {
    return std::make_unique<SentencePieceTokenizer>(file);
}

} // namespace depthscope::tokenizers
