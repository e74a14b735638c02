// SPDX-License-Identifier: MIT
#include "widgets/panels/file_commands.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/panels/graded_dialog.h"
#include "widgets/panels/prompt_panel.h"

#include <QFileDialog>

namespace depthscope::panels {

FileCommands::FileCommands(lab::LabController& lab, PromptPanel& prompt, QWidget* window)
    : QObject(window)
    , m_lab(lab)
    , m_prompt(prompt)
    , m_window(window) {}

void FileCommands::askText() {
    const QString file = QFileDialog::getOpenFileName(m_window, tr("Open text"));
    if (!file.isEmpty()) {
        m_prompt.openTextFile(file);
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
    const QString file = QFileDialog::getOpenFileName(
        m_window, tr("Open recording"), {}, tr("Recordings (*.depthscope);;All files (*)"));
    if (!file.isEmpty()) {
        m_lab.openRecording(file);
    }
}

void FileCommands::askSaveRecording() {
    QFileDialog dialog(m_window, tr("Save recording"), {}, tr("Recordings (*.depthscope)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("depthscope"));
    if (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        m_lab.saveRecording(dialog.selectedFiles().constFirst());
    }
}

} // namespace depthscope::panels
