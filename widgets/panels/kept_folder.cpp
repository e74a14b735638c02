// SPDX-License-Identifier: MIT
#include "widgets/panels/kept_folder.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>
#include <QWidget>
#include <functional>

namespace depthscope::panels {

namespace {

QString keyOf(const QString& kind) {
    return QStringLiteral("folders/") + kind;
}

QString
ask(QWidget& over, const FileQuestion& question, const std::function<void(QFileDialog&)>& setUp) {
    KeptFolders* kept = KeptFolders::of(over);
    const QString last = kept != nullptr ? kept->folder(question.kind) : QString();
    QFileDialog dialog(&over, question.title, last.isEmpty() ? question.first : last,
                       question.filter);
    dialog.setObjectName(QStringLiteral("file.") + question.kind);
    setUp(dialog);
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty()) {
        return {};
    }
    const QString chosen = dialog.selectedFiles().constFirst();
    if (kept != nullptr) {
        kept->keep(question.kind, chosen);
    }
    return chosen;
}

} // namespace

KeptFolders::KeptFolders(QWidget& window, bool remembers)
    : QObject(&window)
    , m_remembers(remembers) {}

KeptFolders* KeptFolders::of(const QWidget& widget) {
    for (const QWidget* at = &widget; at != nullptr; at = at->parentWidget()) {
        if (auto* kept = at->findChild<KeptFolders*>(QString(), Qt::FindDirectChildrenOnly)) {
            return kept;
        }
    }
    return nullptr;
}

QString KeptFolders::folder(const QString& kind) const {
    QString folder = m_folders.value(kind);
    if (folder.isEmpty() && m_remembers) {
        folder = QSettings().value(keyOf(kind)).toString();
    }
    return QFileInfo(folder).isDir() ? folder : QString();
}

void KeptFolders::keep(const QString& kind, const QString& chosen) {
    const QString folder = QFileInfo(QDir::cleanPath(chosen)).absolutePath();
    m_folders.insert(kind, folder);
    if (m_remembers) {
        QSettings().setValue(keyOf(kind), folder);
    }
}

QString askForFile(QWidget& over, const FileQuestion& question) {
    return ask(over, question,
               [](QFileDialog& dialog) { dialog.setFileMode(QFileDialog::ExistingFile); });
}

QString askForFolder(QWidget& over, const FileQuestion& question) {
    return ask(over, question, [](QFileDialog& dialog) {
        dialog.setFileMode(QFileDialog::Directory);
        dialog.setOption(QFileDialog::ShowDirsOnly);
    });
}

QString askForNewFile(QWidget& over, const FileQuestion& question, const QString& name) {
    return ask(over, question, [&name](QFileDialog& dialog) {
        dialog.setAcceptMode(QFileDialog::AcceptSave);
        dialog.setDefaultSuffix(QFileInfo(name).suffix());
        dialog.selectFile(name);
    });
}

} // namespace depthscope::panels
