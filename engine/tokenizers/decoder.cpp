// SPDX-License-Identifier: MIT
#include "engine/tokenizers/decoder.h"

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/byte_letters.h"
#include "engine/tokenizers/pre_tokenizer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr int kMaximumDepth = 4;
constexpr std::size_t kMaximumSteps = 16;
constexpr std::size_t kMaximumContent = 4096;
constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

std::string joined(const std::vector<std::string>& pieces, std::string_view between) {
    std::string text;
    for (const std::string& piece : pieces) {
        text += &piece == pieces.data() ? "" : between;
        text += piece;
    }
    return text;
}

std::string bytesOf(const std::string& piece) {
    static const ByteLetters letters;
    return letters.toBytes(piece).value_or(piece);
}

std::string replaced(std::string_view piece, std::string_view mark, std::string_view with) {
    std::string text;
    for (std::size_t at = 0; at < piece.size();) {
        const std::size_t next = std::min(piece.find(mark, at), piece.size());
        text += piece.substr(at, next - at);
        text += next < piece.size() ? with : "";
        at = next < piece.size() ? next + mark.size() : next;
    }
    return text;
}

} // namespace

Decoder::Decoder(bool bytes) {
    m_steps.push_back(bytes ? Step(Bytes{}) : Step(Spaced{}));
}

Decoder::Decoder(const JsonField& field) {
    add(field, 0);
}

void Decoder::add(const JsonField& field, int depth) {
    constexpr std::int64_t kMaximumStrip = 1000;
    if (depth > kMaximumDepth || m_steps.size() >= kMaximumSteps) {
        field.fail("has too many steps");
    }
    const std::string& type = field.at("type").string();
    if (type == "Sequence") {
        const JsonField steps = field.at("decoders");
        const std::size_t count = steps.arraySize(kMaximumSteps);
        for (std::size_t i = 0; i < count; ++i) {
            add(steps.item(i), depth + 1);
        }
    } else if (type == "ByteLevel") {
        m_steps.emplace_back(Bytes{});
    } else if (type == "ByteFallback") {
        m_steps.emplace_back(ByteFallback{});
    } else if (type == "Fuse") {
        m_steps.emplace_back(Fuse{});
    } else if (type == "Metaspace") {
        m_steps.emplace_back(
            Metaspace{field.character("replacement", kMetaspace), prependScheme(field) != "never"});
    } else if (type == "Replace") {
        m_steps.emplace_back(
            Replace{std::make_shared<const Regex>(readPattern(field.at("pattern"))),
                    field.at("content").string()});
        if (field.at("content").string().size() > kMaximumContent) {
            field.at("content").fail(fmt::format("is longer than {} bytes", kMaximumContent));
        }
    } else if (type == "Strip") {
        const auto count = [&](const char* name) {
            return static_cast<std::size_t>(field.at(name).integer(0, kMaximumStrip));
        };
        m_steps.emplace_back(Strip{field.character("content", ""), count("start"), count("stop")});
    } else {
        field.fail(fmt::format("has the type \"{}\", which is not supported", type),
                   "Supported are ByteLevel, Metaspace, Replace, ByteFallback, Fuse, Strip and "
                   "Sequence.");
    }
}

bool Decoder::isPlain() const {
    return !m_steps.empty() && std::holds_alternative<Bytes>(m_steps.front()) &&
           std::all_of(m_steps.begin() + 1, m_steps.end(),
                       [](const Step& step) { return std::holds_alternative<Fuse>(step); });
}

std::string Decoder::piece(std::string_view content) const {
    if (isPlain()) {
        return bytesOf(std::string(content)); // a hundred thousand times at a start
    }
    if (const std::optional<char> byte = spelledByte(content)) {
        const bool spells = std::ranges::any_of(
            m_steps, [](const Step& step) { return std::holds_alternative<ByteFallback>(step); });
        return spells ? std::string(1, *byte) : std::string(content);
    }
    // It is not the first piece: what is left out in front of a text is in it.
    Pieces pieces{std::string(), std::string(content)};
    for (const Step& step : m_steps) {
        if (std::holds_alternative<Fuse>(step) || std::holds_alternative<Spaced>(step)) {
            break; // what follows is for the whole text
        }
        if (std::holds_alternative<Bytes>(step)) {
            pieces.back() = bytesOf(pieces.back());
            break;
        }
        std::visit([&](const auto& kind) { apply(kind, pieces); }, step);
    }
    return std::move(pieces.back());
}

std::string Decoder::text(std::vector<std::string> pieces) const {
    for (const Step& step : m_steps) {
        std::visit([&](const auto& kind) { apply(kind, pieces); }, step);
    }
    return joined(pieces, {});
}

void Decoder::apply(const Bytes&, Pieces& pieces) {
    std::ranges::transform(pieces, pieces.begin(), bytesOf);
    pieces = {joined(pieces, {})};
}

void Decoder::apply(const Fuse&, Pieces& pieces) {
    pieces = {joined(pieces, {})};
}

void Decoder::apply(const Spaced&, Pieces& pieces) {
    pieces = {joined(pieces, " ")};
}

void Decoder::apply(const ByteFallback&, Pieces& pieces) {
    Pieces result;
    std::string bytes;
    const auto flush = [&] {
        // A run that is not UTF-8 as a whole is lost as a whole.
        if (utf8RunEnd(bytes, 0) == bytes.size()) {
            result.push_back(bytes);
        } else {
            result.insert(result.end(), bytes.size(), std::string(kReplacement));
        }
        bytes.clear();
    };
    for (std::string& piece : pieces) {
        if (const std::optional<char> byte = spelledByte(piece)) {
            bytes += *byte;
            continue;
        }
        if (!bytes.empty()) {
            flush();
        }
        result.push_back(std::move(piece));
    }
    if (!bytes.empty()) {
        flush();
    }
    pieces = std::move(result);
}

void Decoder::apply(const Metaspace& step, Pieces& pieces) {
    for (std::string& piece : pieces) {
        const bool drops = step.dropsFirst && &piece == pieces.data();
        piece = replaced(piece, step.mark, drops ? "" : " ");
    }
}

void Decoder::apply(const Replace& step, Pieces& pieces) {
    Regex::Scratch scratch;
    for (std::string& piece : pieces) {
        if (utf8RunEnd(piece, 0) != piece.size()) {
            continue; // bytes that spell no text: expressions are for well-formed text
        }
        std::string text;
        std::size_t done = 0;
        step.pattern->forEachMatch(piece, scratch, [&](const Match& match) {
            text.append(piece, done, match.begin - done);
            text += step.content;
            done = match.end;
        });
        text.append(piece, done);
        piece = std::move(text);
    }
}

void Decoder::apply(const Strip& step, Pieces& pieces) {
    if (step.character.empty()) {
        return;
    }
    for (std::string& piece : pieces) {
        std::string_view rest = piece;
        for (std::size_t i = 0; i < step.begin && rest.starts_with(step.character); ++i) {
            rest.remove_prefix(step.character.size());
        }
        for (std::size_t i = 0; i < step.end && rest.ends_with(step.character); ++i) {
            rest.remove_suffix(step.character.size());
        }
        piece = std::string(rest);
    }
}

} // namespace depthscope::tokenizers
