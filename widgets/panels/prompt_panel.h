// SPDX-License-Identifier: MIT
// The PROMPT: a text edit of which every change is routed, and a line that says what was used of
// it. Files can be dropped on it. GUI thread.
#pragma once

#include <QPlainTextEdit>
#include <QWidget>

class QLabel;

namespace depthscope::panels {

class LabController;

/// Plain text with a bound on what one paste brings in, so that 10 MB do not freeze the window.
class PromptEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit PromptEdit(QWidget* parent = nullptr);

Q_SIGNALS:
    void fileDropped(const QString& path);
    void cut(qsizetype usedBytes);

protected:
    void insertFromMimeData(const QMimeData* source) override;
    [[nodiscard]] bool canInsertFromMimeData(const QMimeData* source) const override;
};

class PromptPanel : public QWidget {
    Q_OBJECT

public:
    explicit PromptPanel(LabController& lab, QWidget* parent = nullptr);

    /// Routes the file's bytes; a fault becomes the controller's error.
    void openTextFile(const QString& path);

    [[nodiscard]] QPlainTextEdit& edit() { return *m_edit; }

    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void fileDropped(const QString& path);
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    void takeText();
    void showPrompt();
    void refreshFoot();

    LabController& m_lab;
    PromptEdit* m_edit = nullptr;
    QLabel* m_count = nullptr;
    QLabel* m_notice = nullptr;
    bool m_showing = false;
};

} // namespace depthscope::panels
