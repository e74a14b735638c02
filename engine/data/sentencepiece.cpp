// SPDX-License-Identifier: MIT
#include "engine/data/sentencepiece.h"

#include "engine/base/error.h"
#include "engine/data/hash.h"
#include "engine/data/prompt_start.h"
#include "engine/data/sentencepiece_check.h"
#include "engine/data/text_file.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <limits>
#include <string_view>

namespace depthscope::data {

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
    /// What is wrong with the content; empty where it is loaded.
    [[nodiscard]] std::string loadFrom(const std::string& content);
    [[nodiscard]] std::string bytesOf(int id) const;

    sentencepiece::SentencePieceProcessor m_processor;
    std::vector<std::string> m_bytes; ///< by id
    std::vector<std::int32_t> m_promptStart;
    std::uint64_t m_hash = 0;
};

SentencePieceTokenizer::SentencePieceTokenizer(const std::filesystem::path& path) {
    const TextFile file(path);
    if (file.size() > kMaximumBytes) {
        throw Error(ErrorCode::BadInput,
                    path.string() + ": " + std::to_string(file.size()) + " bytes, more than the " +
                        std::to_string(kMaximumBytes) + " such a file may have");
    }
    const std::string content = file.read(0, file.size());
    if (const std::string fault = loadFrom(content); !fault.empty()) {
        throw Error(ErrorCode::BadInput, path.string() + ": not a SentencePiece model: " + fault,
                    "The file is damaged or of another kind; get it again from where the weights "
                    "came from.");
    }
    for (int id = 0; id < m_processor.GetPieceSize(); ++id) {
        m_bytes.push_back(bytesOf(id));
    }
    if (m_processor.bos_id() >= 0 && marksBeginning(path.parent_path() / "tokenizer_config.json")) {
        m_promptStart.push_back(m_processor.bos_id());
    }
    Fnv fnv;
    fnv.add("sentencepiece");
    fnv.add(content);
    m_hash = fnv.value();
}

std::string SentencePieceTokenizer::loadFrom(const std::string& content) {
    if (std::string fault = faultOfRules(content); !fault.empty()) {
        return fault;
    }
    try {
        const sentencepiece::util::Status status = m_processor.LoadFromSerializedProto(content);
        return status.ok() ? "" : status.error_message();
    } catch (const std::exception& fault) { // of the trie that it builds from the pieces
        return fault.what();
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
    if (text.size() > std::numeric_limits<std::int32_t>::max()) {
        throw Error(ErrorCode::BadInput, "a text of " + std::to_string(text.size()) +
                                             " bytes is too long to encode at once");
    }
    sentencepiece::ImmutableSentencePieceText encoded;
    const sentencepiece::util::Status status = m_processor.Encode(text, encoded.mutable_proto());
    if (!status.ok()) {
        throw Error(ErrorCode::BadInput,
                    std::string("the text cannot be encoded: ") + status.error_message());
    }
    std::vector<Piece> pieces;
    pieces.reserve(encoded.pieces_size());
    const auto size = static_cast<std::uint32_t>(text.size());
    // Spaces that the model drops belong to the piece after them.
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < encoded.pieces_size(); ++i) {
        const auto piece = encoded.pieces(static_cast<int>(i));
        const std::uint32_t end = std::clamp(piece.end(), begin, size);
        pieces.push_back({static_cast<std::int32_t>(piece.id()), begin, end});
        begin = end;
    }
    if (!pieces.empty()) {
        pieces.back().end = size;
    }
    return pieces;
}

std::string SentencePieceTokenizer::bytes(std::int32_t id) const {
    return id < 0 || id >= size() ? std::string() : m_bytes[static_cast<std::size_t>(id)];
}

std::string SentencePieceTokenizer::decode(const std::vector<std::int32_t>& ids) const {
    std::vector<int> known;
    std::ranges::copy_if(ids, std::back_inserter(known),
                         [this](std::int32_t id) { return id >= 0 && id < size(); });
    return m_processor.DecodeIds(known);
}

} // namespace

std::unique_ptr<Tokenizer> loadSentencePiece(const std::filesystem::path& file) {
    return std::make_unique<SentencePieceTokenizer>(file);
}

} // namespace depthscope::data
