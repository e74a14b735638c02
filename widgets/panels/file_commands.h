// SPDX-License-Identifier: MIT
// What the File menu does with texts and recordings: asks for a name, then acts, and lists what was
// opened before. GUI thread; the window owns it.
#pragma once

#include <QObject>
#include <QString>

class QMenu;
class QWidget;

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class PromptPanel;
class RecentFiles;

class FileCommands : public QObject {
    Q_OBJECT

public:
    /// All outlive the commands.
    FileCommands(lab::LabController& lab, PromptPanel& prompt, QWidget* window);

    void askText();
    void askGradedText();
    void askRecording();
    /// False: no file was chosen.
    bool askSaveRecording();

    void openText(const QString& file);
    void openRecording(const QString& file);

    /// Menus of what was opened before; `remembers`: at earlier starts, too.
    void listRecent(QMenu& texts, QMenu& recordings, bool remembers);

Q_SIGNALS:
    void failed(const QString& title, const QString& message, const QString& hint);

public Q_SLOTS:
    /// A file of a list of recent ones.
    void sayMissing(const QString& file);

private:
    lab::LabController& m_lab;
    PromptPanel& m_prompt;
    QWidget* m_window;
    RecentFiles* m_texts = nullptr;
    RecentFiles* m_recordings = nullptr;
};

} // namespace depthscope::panels
