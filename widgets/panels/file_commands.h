// SPDX-License-Identifier: MIT
// What the File menu does with texts and recordings: asks for a name, then acts. GUI
// thread; the window owns it.
#pragma once

#include <QObject>
#include <QString>

class QWidget;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class PromptPanel;

class FileCommands : public QObject {
    Q_OBJECT

public:
    /// All outlive the commands.
    FileCommands(lab::LabController& lab, PromptPanel& prompt, QWidget* window);

    void askText();
    void askGradedText();
    void askRecording();
    void askSaveRecording();

Q_SIGNALS:
    void failed(const QString& title, const QString& message, const QString& hint);

private:
    lab::LabController& m_lab;
    PromptPanel& m_prompt;
    QWidget* m_window;
};

} // namespace depthscope::panels
