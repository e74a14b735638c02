// SPDX-License-Identifier: MIT
#include "widgets/panels/prompt_edit.h"

#include <QHelpEvent>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextLayout>
#include <QToolTip>
#include <QUrl>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// Our own clipboard format: text formats cannot carry bytes that are no text.
constexpr const char* kOwnFormat = "application/x-depthscope-prompt";
constexpr const char* kUtf8Format = "text/plain;charset=utf-8";

QByteArray bytesOf(const QMimeData& source) {
    for (const char* format : {kOwnFormat, kUtf8Format}) {
        if (source.hasFormat(QLatin1String(format))) {
            return source.data(QLatin1String(format));
        }
    }
    return source.text().toUtf8();
}

std::string_view viewOf(const QByteArray& bytes) {
    return {bytes.constData(), static_cast<std::size_t>(bytes.size())};
}

} // namespace

PromptEdit::PromptEdit(QWidget* parent)
    : QPlainTextEdit(parent) {
    setTabChangesFocus(true);
}

std::string PromptEdit::bytes() const {
    return m_text.bytes(document()->toRawText());
}

void PromptEdit::showBytes(std::string_view bytes) {
    if (m_text.isCrowded()) { // history may hold any mark: it goes with them
        document()->clear();
        document()->clearUndoRedoStacks();
        m_text = {};
    }
    QTextCursor cursor(document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(m_text.shown(bytes));
}

bool PromptEdit::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasUrls() || source->hasFormat(QLatin1String(kOwnFormat)) ||
           QPlainTextEdit::canInsertFromMimeData(source);
}

void PromptEdit::insertFromMimeData(const QMimeData* source) {
    for (const QUrl& url : source->urls()) {
        if (url.isLocalFile()) {
            Q_EMIT fileDropped(url.toLocalFile());
            return;
        }
    }
    const QByteArray pasted = bytesOf(*source);
    if (pasted.isEmpty()) {
        return;
    }
    const std::size_t kept = bytes().size() - m_text.bytes(textCursor().selectedText()).size();
    const std::string_view used =
        firstBytes(viewOf(pasted), kMostBytes - std::min(kMostBytes, kept));
    textCursor().insertText(m_text.shown(used));
    ensureCursorVisible();
    if (used.size() < static_cast<std::size_t>(pasted.size())) {
        Q_EMIT cut(static_cast<qsizetype>(kept + used.size()));
    }
}

QMimeData* PromptEdit::createMimeDataFromSelection() const {
    const std::string selected = m_text.bytes(textCursor().selectedText());
    auto* copied = new QMimeData;
    copied->setData(QLatin1String(kOwnFormat), QByteArray::fromStdString(selected));
    copied->setText(withMark(selected));
    return copied;
}

void PromptEdit::keyPressEvent(QKeyEvent* event) {
    const QString typed = event->text();
    const QString shown = m_text.shown(typed.toStdString());
    if (!typed.isEmpty() && typed.front().isPrint() && shown != typed) {
        textCursor().insertText(shown);
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

void PromptEdit::inputMethodEvent(QInputMethodEvent* event) {
    QInputMethodEvent shown(event->preeditString(), event->attributes());
    shown.setCommitString(m_text.shown(event->commitString().toStdString()),
                          event->replacementStart(), event->replacementLength());
    QPlainTextEdit::inputMethodEvent(&shown);
    event->setAccepted(shown.isAccepted());
}

void PromptEdit::paintEvent(QPaintEvent* event) {
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    painter.setFont(font());
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QPointF origin = blockBoundingGeometry(block).translated(contentOffset()).topLeft();
        if (origin.y() > viewport()->height()) {
            break;
        }
        paintMarks(painter, block, origin);
    }
}

void PromptEdit::paintMarks(QPainter& painter,
                            const QTextBlock& block,
                            const QPointF& origin) const {
    const QString text = block.text();
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (m_text.meaning(text, at).isEmpty()) {
            continue;
        }
        const int column = static_cast<int>(at);
        const QTextLine line = block.layout()->lineForTextPosition(column);
        const qreal left = line.cursorToX(column);
        const QRectF place(origin.x() + left, origin.y() + line.y(),
                           std::max(line.cursorToX(column + 1) - left, 1.0), line.height());
        const int position = block.position() + column;
        const QTextCursor cursor = textCursor();
        const bool selected =
            position >= cursor.selectionStart() && position < cursor.selectionEnd();
        const bool glyph = text[at].isSurrogate(); // else an empty place that keeps its ground
        if (glyph) {
            painter.fillRect(place, selected ? palette().highlight() : palette().base());
        }
        QColor ink = palette().color(selected ? QPalette::HighlightedText : QPalette::Text);
        ink.setAlphaF(0.55F);
        painter.setPen(ink);
        painter.drawText(place.adjusted(-4, 0, 4, 0), Qt::AlignCenter, m_text.sign(text[at]));
    }
}

bool PromptEdit::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) {
        return QPlainTextEdit::event(event);
    }
    auto* help = static_cast<QHelpEvent*>(event);
    const QTextCursor cursor = cursorForPosition(viewport()->mapFromGlobal(help->globalPos()));
    const QString text = cursor.block().text();
    // The cursor falls before or behind the character that the mouse is on.
    QString meaning;
    for (const int at : {cursor.positionInBlock(), cursor.positionInBlock() - 1}) {
        if (meaning.isEmpty() && at >= 0 && at < text.size()) {
            meaning = m_text.meaning(text, at);
        }
    }
    if (meaning.isEmpty()) {
        return QPlainTextEdit::event(event);
    }
    QToolTip::showText(help->globalPos(), meaning, this);
    return true;
}

} // namespace depthscope::panels
