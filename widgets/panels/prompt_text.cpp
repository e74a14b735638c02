// SPDX-License-Identifier: MIT
#include "widgets/panels/prompt_text.h"

#include "engine/base/utf8.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <array>

namespace depthscope::panels {

namespace {

// The three ranges of marks.
constexpr char16_t kByte = 0xDC00;      ///< + a byte that is no text
constexpr char16_t kSpecial = 0xDD00;   ///< + a place in kSpecials
constexpr char16_t kFold = 0xDE00;      ///< + a place in m_folds
constexpr std::size_t kMostFolds = 512; ///< the range of surrogates has no more

struct Special {
    char32_t code;
    const char* name;
};

/// Characters that a document takes for something else, or that nobody could see.
constexpr std::array kSpecials{
    Special{0x2028, QT_TRANSLATE_NOOP("PromptText", "U+2028 line separator")},
    Special{0x2029, QT_TRANSLATE_NOOP("PromptText", "U+2029 paragraph separator")},
    Special{0xFDD0, QT_TRANSLATE_NOOP("PromptText", "U+FDD0 noncharacter")},
    Special{0xFDD1, QT_TRANSLATE_NOOP("PromptText", "U+FDD1 noncharacter")},
    Special{0xFEFF, QT_TRANSLATE_NOOP("PromptText", "U+FEFF byte order mark")},
    Special{0xFFFC, QT_TRANSLATE_NOOP("PromptText", "U+FFFC object replacement")},
    Special{0x200B, QT_TRANSLATE_NOOP("PromptText", "U+200B zero width space")},
};

// What the layout of a document can bear; it is quadratic in a run without a space.
constexpr std::size_t kMostRun = 512;   ///< characters without a space
constexpr std::size_t kMostLine = 8192; ///< characters of a line
constexpr std::size_t kMostLines = 4096;
constexpr std::size_t kMostShown = 256 * 1024; ///< characters
constexpr std::size_t kLeastFold = 64;         ///< bytes that are worth a mark

bool isSpace(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n';
}

bool isTextByte(unsigned char byte) {
    return (byte >= 0x20 && byte < 0x7F) || byte == '\t' || byte == '\n';
}

QString text(const char* source) {
    return QCoreApplication::translate("PromptText", source);
}

void append(QString& result, std::string_view bytes, std::size_t at, std::size_t length) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (length == 0 || (length == 1 && !isTextByte(byte))) {
        result += QChar(static_cast<char16_t>(kByte + byte));
        return;
    }
    const char32_t code = utf8CodePoint(bytes, at, length);
    const auto* special = std::ranges::find(kSpecials, code, &Special::code);
    if (special != kSpecials.end()) {
        result += QChar(static_cast<char16_t>(kSpecial + (special - kSpecials.begin())));
    } else if (code > 0xFFFF) {
        result += QChar(QChar::highSurrogate(code));
        result += QChar(QChar::lowSurrogate(code));
    } else {
        result += QChar(static_cast<char16_t>(code));
    }
}

} // namespace

std::string_view firstBytes(std::string_view bytes, std::size_t most) {
    std::size_t used = std::min(bytes.size(), most);
    while (used > 0 && used < bytes.size() && isContinuation(bytes[used])) {
        --used; // not within a character
    }
    return bytes.substr(0, used);
}

QString withMark(std::string_view utf8) {
    const QString result = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    return utf8.starts_with("\xEF\xBB\xBF") ? QChar(QChar::ByteOrderMark) + result : result;
}

QChar PromptText::fold(std::string_view bytes) {
    auto found = std::ranges::find(m_folds, bytes);
    if (found == m_folds.end()) {
        found = m_folds.emplace(m_folds.end(), bytes);
    }
    return QChar(static_cast<char16_t>(kFold + (found - m_folds.begin())));
}

QString PromptText::shown(std::string_view bytes) {
    QString result;
    result.reserve(static_cast<qsizetype>(std::min(bytes.size(), kMostShown)));
    std::size_t run = 0;
    std::size_t line = 0;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string_view rest = bytes.substr(at);
        const bool full =
            lines >= kMostLines || static_cast<std::size_t>(result.size()) >= kMostShown;
        std::size_t stop = 0; // of a stretch to fold; 0: none
        if (full) {
            stop = rest.size();
        } else if (line >= kMostLine) {
            stop = std::min(rest.find('\n'), rest.size());
        } else if (run >= kMostRun) {
            stop = static_cast<std::size_t>(std::ranges::find_if(rest, isSpace) - rest.begin());
        }
        if (stop >= kLeastFold && m_folds.size() < kMostFolds) {
            if (m_folds.size() + 1 == kMostFolds) {
                stop = rest.size(); // the last fold takes all that is left
            }
            result += fold(rest.substr(0, stop));
            at += stop;
            run = 0;
            line += 1;
            continue;
        }
        const std::size_t length = utf8Length(bytes, at);
        append(result, bytes, at, length);
        const char byte = bytes[at];
        run = isSpace(byte) ? 0 : run + 1;
        line = byte == '\n' ? 0 : line + 1;
        lines += byte == '\n' ? 1 : 0;
        at += std::max<std::size_t>(1, length);
    }
    return result;
}

std::string PromptText::bytes(QStringView document) const {
    std::string result;
    result.reserve(static_cast<std::size_t>(document.size()));
    for (qsizetype i = 0; i < document.size(); ++i) {
        const char16_t c = document[i].unicode();
        if (c == QChar::ParagraphSeparator || c == QChar::LineSeparator) {
            result += '\n'; // the end of a block, Shift+Enter
        } else if (QChar::isHighSurrogate(c) && i + 1 < document.size() &&
                   document[i + 1].isLowSurrogate()) {
            appendUtf8(result, QChar::surrogateToUcs4(c, document[++i].unicode()));
        } else if (c >= kByte && c < kSpecial) {
            result += static_cast<char>(c - kByte);
        } else if (c >= kSpecial && c < kSpecial + kSpecials.size()) {
            appendUtf8(result, kSpecials[c - kSpecial].code);
        } else if (c >= kFold && c < kFold + m_folds.size()) {
            result += m_folds[c - kFold];
        } else {
            appendUtf8(result, QChar::isSurrogate(c) ? char32_t{QChar::ReplacementCharacter} : c);
        }
    }
    return result;
}

QString PromptText::meaning(QStringView document, qsizetype at) const {
    const char16_t c = document[at].unicode();
    const bool paired = at > 0 && document[at - 1].isHighSurrogate();
    if (c == QChar::Nbsp) {
        return text(QT_TRANSLATE_NOOP("PromptText", "U+00A0 no-break space"));
    }
    if (c == 0x202F) {
        return text(QT_TRANSLATE_NOOP("PromptText", "U+202F narrow no-break space"));
    }
    if (paired || !QChar::isLowSurrogate(c)) {
        return {};
    }
    if (c < kSpecial) {
        return c == kByte + '\r'
                   ? text(QT_TRANSLATE_NOOP("PromptText", "carriage return"))
                   : text(QT_TRANSLATE_NOOP("PromptText", "byte %1, not valid UTF-8"))
                         .arg(QString::number(c - kByte, 16).rightJustified(2, '0').toUpper());
    }
    if (c < kSpecial + kSpecials.size()) {
        return text(kSpecials[c - kSpecial].name);
    }
    if (c >= kFold && c < kFold + m_folds.size()) {
        return text(QT_TRANSLATE_NOOP("PromptText",
                                      "%1 of text, not displayed but still part of the prompt"))
            .arg(QLocale().formattedDataSize(static_cast<qint64>(m_folds[c - kFold].size())));
    }
    return {};
}

QString PromptText::sign(QChar mark) const {
    const char16_t c = mark.unicode();
    constexpr char16_t kControlPictures = 0x2400;
    if (c >= kByte && c < kByte + 0x20) {
        return QChar(static_cast<char16_t>(kControlPictures + c - kByte));
    }
    if (c >= kFold && c < kFold + m_folds.size()) {
        return QStringLiteral("\u22EF"); // midline dots
    }
    if (c == QChar::Nbsp || c == 0x202F) {
        return QStringLiteral("\u237D"); // shouldered open box
    }
    return QStringLiteral("\u25CC"); // dotted circle
}

} // namespace depthscope::panels
