// SPDX-License-Identifier: MIT
// The PROMPT: a text edit whose changes are routed immediately, and a line that shows how much of
// it was used. Files can be dropped on it. For a model without tokenizer it holds token ids. GUI
// thread.
#pragma once

#include "widgets/panels/prompt_edit.h"

#include <QWidget>
#include <string>
#include <string_view>

class QLabel;
class QPushButton;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class PromptPanel : public QWidget {
    Q_OBJECT

public:
    explicit PromptPanel(lab::LabController& lab, QWidget* parent = nullptr);

    /// Routes the file's bytes; false after failed().
    bool openTextFile(const QString& path);

    /// Puts the bytes into the edit and routes them; what is too long is cut, with a notice.
    void setText(std::string_view bytes);

    [[nodiscard]] PromptEdit& edit() { return *m_edit; }

    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void fileDropped(const QString& path);
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    void takeText();
    void takeIds();
    void followModel();
    [[nodiscard]] bool readsIds() const;
    [[nodiscard]] std::string promptBytes() const;
    void showPrompt();
    void sayCut(qsizetype usedBytes);
    void refreshFoot();

    lab::LabController& m_lab;
    PromptEdit* m_edit = nullptr;
    QLabel* m_count = nullptr;
    QLabel* m_notice = nullptr;
    QPushButton* m_sample = nullptr; ///< of a model that reads ids
    QString m_badId;                 ///< what is wrong with the ids in the edit
    std::string m_shown;             ///< bytes of the edit
    bool m_showing = false;          ///< edit and prompt are being made equal
};

} // namespace depthscope::panels
