// SPDX-License-Identifier: MIT
// The bytes of a prompt as the characters of a QTextDocument, and back, byte for byte. A document
// has its own meaning for some characters and cannot hold bytes that are not UTF-8; each of these
// stands there as a lone low surrogate, which no well-formed text contains, so that undo, drag and
// copy keep it. Runs that would take too long to lay out are represented by one mark. GUI thread.
#pragma once

#include <QString>
#include <QStringView>
#include <string>
#include <string_view>
#include <vector>

namespace depthscope::panels {

class PromptText {
public:
    /// Characters for QTextCursor::insertText.
    [[nodiscard]] QString shown(std::string_view bytes);

    /// Bytes of QTextDocument::toRawText or QTextCursor::selectedText.
    [[nodiscard]] std::string bytes(QStringView document) const;

    /// Whether most marks for folded stretches are in use: the next text wants a PromptText of its
    /// own, once no document holds any of these.
    [[nodiscard]] bool isCrowded() const { return m_folds.size() > 256; }

    /// What a character of the document stands for, in words, where it is a mark: "byte E9, not
    /// valid UTF-8", "U+00A0 no-break space". Empty for all others.
    [[nodiscard]] QString meaning(QStringView document, qsizetype at) const;

    /// What is drawn in the place of a mark.
    [[nodiscard]] QString sign(QChar mark) const;

private:
    [[nodiscard]] QChar fold(std::string_view bytes);

    /// What the marks of folded stretches stand for; only ever grows, since undo may bring any
    /// back.
    std::vector<std::string> m_folds;
};

/// At most so many bytes from the begin, whole characters.
[[nodiscard]] std::string_view firstBytes(std::string_view bytes, std::size_t most);

/// A string with the byte order mark that QString::fromUtf8 drops.
[[nodiscard]] QString withMark(std::string_view utf8);

} // namespace depthscope::panels
