// SPDX-License-Identifier: MIT
#include "widgets/panels/prompt_panel.h"

#include "engine/base/text.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/lab/sample_prompts.h"
#include "widgets/panels/controls.h"
#include "widgets/panels/file_content.h"

#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>
#include <algorithm>

namespace depthscope::panels {

PromptPanel::PromptPanel(lab::LabController& lab, QWidget* parent)
    : QWidget(parent)
    , m_lab(lab) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 4, 12, 8);
    column->setSpacing(4);
    m_edit = new PromptEdit(this);
    m_edit->setObjectName(QStringLiteral("prompt"));
    m_edit->setAccessibleName(tr("Prompt"));
    m_edit->setAccessibleDescription(tr("The text that the model reads; it is routed as you type"));
    m_edit->setMinimumHeight(40); // two lines
    m_count = new QLabel(this);
    m_count->setObjectName(QStringLiteral("muted"));
    m_notice = new QLabel(this);
    m_notice->setObjectName(QStringLiteral("amber"));
    m_notice->setWordWrap(true);
    column->addWidget(m_edit, 1);
    m_sample = makeButton("prompt.sample", tr("Insert sample ids"), this);
    m_sample->setToolTip(tr("Token ids spread over the model's vocabulary, the same each time"));
    column->addWidget(m_sample, 0, Qt::AlignLeft);
    column->addWidget(m_count);
    column->addWidget(m_notice);
    connect(m_edit, &QPlainTextEdit::textChanged, this, &PromptPanel::takeText);
    connect(m_edit, &PromptEdit::fileDropped, this, &PromptPanel::fileDropped);
    connect(m_edit, &PromptEdit::cut, this, &PromptPanel::sayCut);
    connect(m_sample, &QPushButton::clicked, this,
            [this] { m_lab.setPrompt(lab::sampleIds(*m_lab.model())); });
    connect(&m_lab, &lab::LabController::modelChanged, this, &PromptPanel::followModel);
    connect(&m_lab, &lab::LabController::promptChanged, this, &PromptPanel::showPrompt);
    connect(&m_lab, &lab::LabController::traceChanged, this, &PromptPanel::refreshFoot);
    followModel();
}

bool PromptPanel::readsIds() const {
    const auto model = m_lab.model();
    return model && !model->hasTokenizer && model->vocabulary > 0;
}

void PromptPanel::followModel() {
    m_edit->setPlaceholderText(
        readsIds() ? tr("This model has no tokenizer.\nType token ids, 0 to %1, with spaces "
                        "between them.")
                         .arg(m_lab.model()->vocabulary - 1)
                   : tr("Type or paste some text, or drop a file.\nIt is routed immediately."));
    m_sample->setVisible(readsIds());
    m_badId.clear();
    showPrompt();
    refreshFoot();
}

bool PromptPanel::openTextFile(const QString& path) {
    QFile file(path);
    const QString name = QFileInfo(path).fileName();
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT failed(tr("%1 could not be opened").arg(name), file.errorString(),
                      tr("Check that it exists and is readable."));
        return false;
    }
    if (const std::optional<Refusal> refusal = refusalAsText(path)) {
        Q_EMIT failed(refusal->title, refusal->message, refusal->hint);
        return false;
    }
    constexpr auto kMost = static_cast<qint64>(PromptEdit::kMostBytes);
    const QByteArray bytes = file.read(kMost);
    if (bytes.isEmpty()) {
        Q_EMIT failed(tr("%1 is empty").arg(name), tr("%1 contains no text.").arg(path),
                      tr("Choose a file with some text."));
        return false;
    }
    if (file.size() > kMost) {
        Q_EMIT m_lab.noticeRaised(
            tr("Only the first %1 of %2 were read.").arg(QLocale().formattedDataSize(kMost), name));
    }
    runtime::Prompt prompt;
    prompt.text = bytes.toStdString();
    m_lab.setPrompt(std::move(prompt));
    return true;
}

void PromptPanel::setText(std::string_view bytes) {
    const std::string_view used = firstBytes(bytes, PromptEdit::kMostBytes);
    m_edit->showBytes(used);
    if (used.size() < bytes.size()) {
        sayCut(static_cast<qsizetype>(used.size()));
    }
}

void PromptPanel::sayCut(qsizetype usedBytes) {
    Q_EMIT m_lab.noticeRaised(
        tr("The text was truncated after %1.").arg(QLocale().formattedDataSize(usedBytes)));
}

void PromptPanel::takeText() {
    if (m_showing) {
        return;
    }
    m_shown = m_edit->bytes();
    if (readsIds()) {
        takeIds();
        return;
    }
    if (m_shown != m_lab.prompt().text) {
        runtime::Prompt prompt;
        prompt.text = m_shown;
        m_lab.setPrompt(std::move(prompt));
    }
}

/// Spaces, commas and line ends stand between ids.
void PromptPanel::takeIds() {
    static const QRegularExpression between(QStringLiteral("[\\s,]+"));
    runtime::Prompt prompt;
    m_badId.clear();
    const QString all = QString::fromStdString(m_shown);
    for (const QString& word : all.split(between, Qt::SkipEmptyParts)) {
        bool isNumber = false;
        const int id = word.toInt(&isNumber);
        if (!isNumber || id < 0 || id >= m_lab.model()->vocabulary) {
            m_badId = tr("\"%1\" must be a token id, an integer from 0 to %2.")
                          .arg(word.left(24))
                          .arg(m_lab.model()->vocabulary - 1);
            refreshFoot();
            return;
        }
        prompt.ids.push_back(id);
    }
    m_showing = true; // as it was typed
    m_lab.setPrompt(std::move(prompt));
    m_showing = false;
    refreshFoot();
}

/// What the edit shows of the laboratory's prompt.
std::string PromptPanel::promptBytes() const {
    const runtime::Prompt& prompt = m_lab.prompt();
    return readsIds() ? fmt::format("{}", fmt::join(prompt.ids, " ")) : prompt.text;
}

void PromptPanel::showPrompt() {
    const std::string bytes = promptBytes();
    if (m_showing || bytes == m_shown) {
        return;
    }
    m_shown = bytes;
    m_badId.clear();
    m_showing = true;
    m_edit->showBytes(m_shown);
    m_showing = false;
    refreshFoot();
}

void PromptPanel::refreshFoot() {
    const trace::TraceView view = m_lab.store().view();
    const QLocale locale;
    QString count;
    QString notice;
    if (m_lab.refused()) {
        count = tr("not routed");
    } else if (view.main) {
        const auto tokens = static_cast<qulonglong>(view.main->promptPlaces);
        count = tr("%1 tokens").arg(locale.toString(tokens));
        if (view.main->latest->model && view.main->latest->model->contextLength > 0) {
            count = tr("%1 of %2 tokens")
                        .arg(locale.toString(tokens),
                             locale.toString(view.main->latest->model->contextLength));
        }
        notice = QString::fromStdString(view.main->latest->notice);
    }
    if (!m_badId.isEmpty()) {
        notice = m_badId;
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
