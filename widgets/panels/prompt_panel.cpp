// SPDX-License-Identifier: MIT
#include "widgets/panels/prompt_panel.h"

#include "widgets/panels/lab_controller.h"

#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QMimeData>
#include <QTextCursor>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

namespace {

/// More bytes than any model here reads at once; a longer text is cut and the window says so.
constexpr qsizetype kMostBytes = 256 * 1024;

} // namespace

PromptEdit::PromptEdit(QWidget* parent)
    : QPlainTextEdit(parent) {
    setTabChangesFocus(true);
}

bool PromptEdit::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasUrls() || QPlainTextEdit::canInsertFromMimeData(source);
}

void PromptEdit::insertFromMimeData(const QMimeData* source) {
    for (const QUrl& url : source->urls()) {
        if (url.isLocalFile()) {
            Q_EMIT fileDropped(url.toLocalFile());
            return;
        }
    }
    if (!source->hasText()) {
        return;
    }
    const QByteArray text = source->text().toUtf8();
    qsizetype used = std::min(text.size(), kMostBytes);
    while (used < text.size() && (text[used] & 0xC0) == 0x80) {
        --used; // not within a character
    }
    textCursor().insertText(QString::fromUtf8(text.first(used)));
    ensureCursorVisible();
    if (used < text.size()) {
        Q_EMIT cut(used);
    }
}

PromptPanel::PromptPanel(LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 8);
    column->setSpacing(4);
    m_edit = new PromptEdit(this);
    m_edit->setObjectName(QStringLiteral("prompt"));
    m_edit->setAccessibleName(tr("Prompt"));
    m_edit->setAccessibleDescription(tr("The text that the model reads; it is routed as you type"));
    m_edit->setPlaceholderText(tr("Type or paste a text, or drop a file.\nIt is routed at once."));
    m_edit->setMinimumHeight(64);
    m_count = new QLabel(this);
    m_count->setObjectName(QStringLiteral("muted"));
    m_notice = new QLabel(this);
    m_notice->setObjectName(QStringLiteral("amber"));
    m_notice->setWordWrap(true);
    column->addWidget(m_edit, 1);
    column->addWidget(m_count);
    column->addWidget(m_notice);
    connect(m_edit, &QPlainTextEdit::textChanged, this, &PromptPanel::takeText);
    connect(m_edit, &PromptEdit::fileDropped, this, &PromptPanel::fileDropped);
    connect(m_edit, &PromptEdit::cut, this, [this](qsizetype used) {
        Q_EMIT m_lab.noticeRaised(
            tr("The text was cut after %1.").arg(QLocale().formattedDataSize(used)));
    });
    connect(&m_lab, &LabController::promptChanged, this, &PromptPanel::showPrompt);
    connect(&m_lab, &LabController::traceChanged, this, &PromptPanel::refreshFoot);
    refreshFoot();
}

void PromptPanel::openTextFile(const QString& path) {
    QFile file(path);
    const QString name = QFileInfo(path).fileName();
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT failed(tr("%1 could not be opened").arg(name), file.errorString(),
                      tr("Check that it exists and that you may read it."));
        return;
    }
    const QByteArray bytes = file.read(kMostBytes);
    if (bytes.isEmpty()) {
        Q_EMIT failed(tr("%1 is empty").arg(name), tr("There is no text in %1.").arg(path),
                      tr("Choose a file with some text."));
        return;
    }
    if (file.size() > kMostBytes) {
        Q_EMIT m_lab.noticeRaised(tr("Only the first %1 of %2 were read.")
                                      .arg(QLocale().formattedDataSize(kMostBytes), name));
    }
    runtime::Prompt prompt;
    prompt.text = bytes.toStdString();
    m_lab.setPrompt(std::move(prompt));
}

void PromptPanel::takeText() {
    if (m_showing) {
        return;
    }
    runtime::Prompt prompt;
    prompt.text = m_edit->toPlainText().toStdString();
    if (prompt.text != m_lab.prompt().text) {
        m_lab.setPrompt(std::move(prompt));
    }
}

void PromptPanel::showPrompt() {
    const QString text = QString::fromStdString(m_lab.prompt().text);
    if (text == m_edit->toPlainText()) {
        return;
    }
    m_showing = true;
    QTextCursor cursor(m_edit->document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    m_showing = false;
}

void PromptPanel::refreshFoot() {
    const trace::TraceView view = m_lab.store().view();
    const QLocale locale;
    QString count;
    QString notice;
    if (m_lab.refused()) {
        count = tr("not routed");
    } else if (view.main) {
        const auto tokens = static_cast<qulonglong>(view.main->promptTokens);
        count = tr("%1 tokens").arg(locale.toString(tokens));
        if (view.main->latest->model && view.main->latest->model->contextLength > 0) {
            count = tr("%1 of %2 tokens")
                        .arg(locale.toString(tokens),
                             locale.toString(view.main->latest->model->contextLength));
        }
        notice = QString::fromStdString(view.main->latest->notice);
    }
    m_count->setText(count);
    m_notice->setText(notice);
    m_notice->setVisible(!notice.isEmpty());
    updateGeometry();
}

/// With the lines that the notice takes at this width, which layouts leave out.
QSize PromptPanel::minimumSizeHint() const {
    const int height = layout()->hasHeightForWidth() ? layout()->minimumHeightForWidth(width()) : 0;
    const QSize least = QWidget::minimumSizeHint();
    return {least.width(), std::max(least.height(), height)};
}

} // namespace depthscope::panels
