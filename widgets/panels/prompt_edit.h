// SPDX-License-Identifier: MIT
// A text edit that preserves arbitrary bytes; what cannot be displayed is drawn as a labelled mark.
// GUI thread.
#pragma once

#include "widgets/panels/prompt_text.h"

#include <QPlainTextEdit>
#include <string>
#include <string_view>

namespace depthscope::panels {

class PromptEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit PromptEdit(QWidget* parent = nullptr);

    /// More bytes than any model here reads at once; longer text is truncated and `cut` reports it.
    static constexpr std::size_t kMostBytes = 1024 * 1024;

    [[nodiscard]] std::string bytes() const;

    /// Replaces the whole text; can be undone.
    void showBytes(std::string_view bytes);

Q_SIGNALS:
    void fileDropped(const QString& path);
    void cut(qsizetype usedBytes);

protected:
    void insertFromMimeData(const QMimeData* source) override;
    [[nodiscard]] bool canInsertFromMimeData(const QMimeData* source) const override;
    [[nodiscard]] QMimeData* createMimeDataFromSelection() const override;
    void keyPressEvent(QKeyEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void paintMarks(QPainter& painter, const QTextBlock& block, const QPointF& origin) const;

    PromptText m_text;
};

} // namespace depthscope::panels
