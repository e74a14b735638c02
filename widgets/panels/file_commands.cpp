// SPDX-License-Identifier: MIT
#include "widgets/panels/file_commands.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/graded_dialog.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/prompt_panel.h"
#include "widgets/panels/recent_files.h"

#include <QDir>
#include <QFileInfo>

namespace depthscope::panels {

FileCommands::FileCommands(lab::LabController& lab, PromptPanel& prompt, QWidget* window)
    : QObject(window)
    , m_lab(lab)
    , m_prompt(prompt)
    , m_window(window) {}

void FileCommands::askText() {
    const QString file = askForFile(*m_window, {QStringLiteral("text"), tr("Open text")});
    if (!file.isEmpty()) {
        openText(file);
    }
}

void FileCommands::askGradedText() {
    auto* dialog = new GradedDialog(m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { m_lab.makeGradedText(dialog->request()); });
    dialog->open();
}

void FileCommands::askRecording() {
    const QString file = askForFile(*m_window, {QStringLiteral("recording"), tr("Open recording"),
                                                tr("Recordings (*.depthscope);;All files (*)")});
    if (!file.isEmpty()) {
        openRecording(file);
    }
}

bool FileCommands::askSaveRecording() {
    const QString file = askForNewFile(
        *m_window,
        {QStringLiteral("recording"), tr("Save recording"), tr("Recordings (*.depthscope)")},
        QStringLiteral("run.depthscope"));
    if (file.isEmpty()) {
        return false;
    }
    m_lab.saveRecording(file);
    return true;
}

void FileCommands::openText(const QString& file) {
    if (m_prompt.openTextFile(file) && m_texts != nullptr) {
        m_texts->add(file);
    }
}

void FileCommands::openRecording(const QString& file) {
    m_lab.openRecording(file);
    const bool isOpen = m_lab.recordings().file() == QFileInfo(file).absoluteFilePath();
    if (isOpen && m_recordings != nullptr) {
        m_recordings->add(file);
    }
}

void FileCommands::listRecent(QMenu& texts, QMenu& recordings, bool remembers) {
    const auto list = [&](QMenu& menu, const char* key) {
        auto* files = new RecentFiles(menu, remembers ? QString::fromLatin1(key) : QString(), this);
        connect(files, &RecentFiles::missing, this, &FileCommands::sayMissing);
        return files;
    };
    m_texts = list(texts, "texts/recent");
    m_recordings = list(recordings, "recordings/recent");
    connect(m_texts, &RecentFiles::chosen, this, &FileCommands::openText);
    connect(m_recordings, &RecentFiles::chosen, this, &FileCommands::openRecording);
    connect(&m_lab, &lab::LabController::recordingSaved, m_recordings, &RecentFiles::add);
}

void FileCommands::sayMissing(const QString& file) {
    Q_EMIT m_lab.noticeRaised(
        tr("%1 was not found and is no longer in the list.").arg(QDir::toNativeSeparators(file)));
}

} // namespace depthscope::panels
