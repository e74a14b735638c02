// SPDX-License-Identifier: MIT
#include "engine/tokenizers/normalizer.h"

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/tokenizers/byte_letters.h"
#include "engine/tokenizers/characters.h"

#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace depthscope::tokenizers {

namespace {

constexpr int kMaximumDepth = 4;
constexpr std::size_t kMaximumSteps = 16;
constexpr std::size_t kMaximumContent = 4096;
/// What an offset can say.
constexpr std::size_t kMaximumText = std::numeric_limits<std::int32_t>::max();
/// No normal form makes a text 32 times as long; a hostile sequence of Replace steps would, each
/// time again.
constexpr std::size_t kMaximumGrowth = 32;
constexpr std::size_t kSmallText = 4096;

const icu::Normalizer2& formOf(int form) {
    UErrorCode status = U_ZERO_ERROR;
    constexpr std::array kForms{
        &icu::Normalizer2::getNFCInstance, &icu::Normalizer2::getNFDInstance,
        &icu::Normalizer2::getNFKCInstance, &icu::Normalizer2::getNFKDInstance};
    const icu::Normalizer2* result = kForms[static_cast<std::size_t>(form)](status);
    if (U_FAILURE(status)) {
        throw Error(ErrorCode::Internal,
                    std::string("ICU has no normalization data: ") + u_errorName(status));
    }
    return *result;
}

void checkLength(std::size_t size, std::size_t original) {
    if (size > kMaximumText || size > original * kMaximumGrowth + kSmallText) {
        throw Error(
            ErrorCode::BadInput,
            fmt::format(
                "a text of {} bytes grows to {} bytes or more in the tokenizer's normalizer",
                original, size),
            "Use a shorter text, or a tokenizer.json with another normalizer.");
    }
}

/// What the character becomes; nothing where it stays.
using Change = std::optional<std::string>;

Change lowercased(std::uint32_t code) {
    constexpr std::uint32_t kDottedI = 0x130; // the one letter whose lower case is two characters
    constexpr std::uint32_t kDotAbove = 0x307;
    const auto lower = static_cast<std::uint32_t>(u_tolower(static_cast<UChar32>(code)));
    if (lower == code) {
        return std::nullopt;
    }
    std::string with;
    appendUtf8(with, lower);
    if (code == kDottedI) {
        appendUtf8(with, kDotAbove);
    }
    return with;
}

Change withoutMark(std::uint32_t code) {
    return isMark(code) ? Change(std::string()) : std::nullopt;
}

/// The characters that Nmt takes away and those it makes a space.
Change cleaned(std::uint32_t code) {
    const auto within = [code](std::uint32_t first, std::uint32_t last) {
        return code >= first && code <= last;
    };
    if (within(0x1, 0x8) || code == 0xb || within(0xe, 0x1f) || code == 0x7f || code == 0x8f ||
        code == 0x9f) {
        return std::string();
    }
    if (code == 0x9 || code == 0xa || code == 0xc || code == 0xd || code == 0x1680 ||
        within(0x200b, 0x200f) || code == 0x2028 || code == 0x2029 || code == 0x2581 ||
        code == 0xfeff || code == 0xfffd) {
        return " ";
    }
    return std::nullopt;
}

} // namespace

Normalizer::Normalizer(const JsonField& field) {
    add(field, 0);
}

void Normalizer::add(const JsonField& field, int depth) {
    if (depth > kMaximumDepth || m_steps.size() >= kMaximumSteps) {
        field.fail("has too many steps");
    }
    const std::string& type = field.at("type").string();
    constexpr std::array<std::pair<const char*, Kind>, 8> kPlain{
        {{"NFC", Kind::Nfc},
         {"NFD", Kind::Nfd},
         {"NFKC", Kind::Nfkc},
         {"NFKD", Kind::Nfkd},
         {"Lowercase", Kind::Lowercase},
         {"StripAccents", Kind::StripAccents},
         {"Nmt", Kind::Nmt},
         {"ByteLevel", Kind::ByteLevel}}};
    const auto* plain =
        std::find_if(kPlain.begin(), kPlain.end(), [&](const auto& p) { return type == p.first; });
    if (plain != kPlain.end()) {
        m_steps.push_back(Step{.kind = plain->second});
    } else if (type == "Sequence") {
        const JsonField steps = field.at("normalizers");
        const std::size_t count = steps.arraySize(kMaximumSteps);
        for (std::size_t i = 0; i < count; ++i) {
            add(steps.item(i), depth + 1);
        }
    } else if (type == "Strip") {
        m_steps.push_back(Step{.kind = Kind::Strip,
                               .left = field.boolean("strip_left", true),
                               .right = field.boolean("strip_right", true)});
    } else if (type == "Replace") {
        addReplace(field);
    } else if (type == "Prepend") {
        m_steps.push_back(Step{.kind = Kind::Prepend, .content = field.at("prepend").string()});
    } else {
        field.fail(
            fmt::format("has the type \"{}\", which is not supported", type),
            "Supported are NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, Replace, "
            "Prepend, ByteLevel and Sequence.");
    }
    if (!m_steps.empty() && m_steps.back().content.size() > kMaximumContent) {
        field.fail(fmt::format("inserts more than {} bytes", kMaximumContent));
    }
}

void Normalizer::addReplace(const JsonField& field) {
    m_steps.push_back(Step{.kind = Kind::Replace,
                           .pattern = readPattern(field.at("pattern")),
                           .content = field.at("content").string()});
}

NormalText Normalizer::apply(NormalText text, Regex::Scratch& scratch) const {
    const std::size_t original = text.text.size();
    for (const Step& step : m_steps) {
        checkLength(text.text.size(), original);
        switch (step.kind) {
        case Kind::Lowercase:
        case Kind::StripAccents:
        case Kind::Nmt:
            text = byCharacter(text, step.kind);
            break;
        case Kind::ByteLevel:
            text = toLetters(text);
            break;
        case Kind::Strip:
            text = strip(text, step);
            break;
        case Kind::Replace:
            text = replace(text, step, original, scratch);
            break;
        case Kind::Prepend:
            if (!text.text.empty()) {
                NormalTextWriter writer(text);
                writer.replaceTo(0, step.content);
                text = writer.finish();
            }
            break;
        default:
            text = unicodeForm(text, step.kind);
        }
    }
    checkLength(text.text.size(), original);
    return text;
}

NormalText Normalizer::unicodeForm(const NormalText& text, Kind kind) {
    std::string result;
    icu::StringByteSink<std::string> sink(&result);
    icu::Edits edits;
    UErrorCode status = U_ZERO_ERROR;
    formOf(static_cast<int>(kind))
        .normalizeUTF8(0, {text.text.data(), static_cast<std::int32_t>(text.text.size())}, sink,
                       &edits, status);
    NormalTextWriter writer(text);
    icu::Edits::Iterator change = edits.getFineChangesIterator();
    while (change.next(status)) {
        const auto begin = static_cast<std::size_t>(change.sourceIndex());
        const auto put = static_cast<std::size_t>(change.destinationIndex());
        writer.keepTo(begin);
        writer.replaceTo(
            begin + static_cast<std::size_t>(change.oldLength()),
            std::string_view(result).substr(put, static_cast<std::size_t>(change.newLength())));
    }
    if (U_FAILURE(status)) {
        throw Error(ErrorCode::BadInput,
                    std::string("a text cannot be normalized: ") + u_errorName(status));
    }
    return writer.finish();
}

NormalText Normalizer::byCharacter(const NormalText& text, Kind kind) {
    const auto changed = kind == Kind::Lowercase      ? lowercased
                         : kind == Kind::StripAccents ? withoutMark
                                                      : cleaned;
    NormalTextWriter writer(text);
    for (std::size_t at = 0; at < text.text.size();) {
        const std::size_t length = utf8Length(text.text, at);
        if (const auto with = changed(utf8CodePoint(text.text, at, length))) {
            writer.keepTo(at);
            writer.replaceTo(at + length, *with);
        }
        at += length;
    }
    return writer.finish();
}

NormalText Normalizer::toLetters(const NormalText& text) {
    const ByteLetters letters;
    NormalTextWriter writer(text);
    for (std::size_t at = 0; at < text.text.size(); ++at) {
        writer.replaceTo(at + 1, letters.letter(static_cast<std::uint8_t>(text.text[at])));
    }
    return writer.finish();
}

NormalText Normalizer::strip(const NormalText& text, const Step& step) {
    const std::size_t size = text.text.size();
    const std::size_t begin = step.left ? skipSpaces(text.text, 0) : 0;
    const std::size_t end = step.right ? std::max(begin, skipSpacesBack(text.text, size)) : size;
    NormalTextWriter writer(text);
    writer.replaceTo(begin, {});
    writer.keepTo(end);
    writer.replaceTo(size, {});
    return writer.finish();
}

NormalText Normalizer::replace(const NormalText& text,
                               const Step& step,
                               std::size_t original,
                               Regex::Scratch& scratch) {
    NormalTextWriter writer(text);
    std::size_t added = 0;
    step.pattern->forEachMatch(text.text, scratch, [&](const Match& match) {
        writer.keepTo(match.begin);
        writer.replaceTo(match.end, step.content);
        checkLength(added += step.content.size(), original);
    });
    return writer.finish();
}

} // namespace depthscope::tokenizers
