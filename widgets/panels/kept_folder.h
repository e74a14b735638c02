// SPDX-License-Identifier: MIT
// File dialogs, which begin in the folder where the last one of their kind ended. The window owns
// the memory; a dialog finds it from the widget that it stands over. GUI thread.
#pragma once

#include <QHash>
#include <QObject>
#include <QString>

class QWidget;

namespace depthscope::panels {

class KeptFolders : public QObject {
    Q_OBJECT

public:
    /// `remembers`: from one start to the next, else while the window lives.
    KeptFolders(QWidget& window, bool remembers);

    /// Of the window that a widget is in, or that its dialog stands over; null: it has none.
    [[nodiscard]] static KeptFolders* of(const QWidget& widget);

    /// Empty: none was kept, or it is gone.
    [[nodiscard]] QString folder(const QString& kind) const;

    /// The folder that a chosen file or folder is in.
    void keep(const QString& kind, const QString& chosen);

private:
    bool m_remembers;
    QHash<QString, QString> m_folders;
};

struct FileQuestion {
    QString kind; ///< dialogs of one kind share a folder: "text", "model"
    QString title;
    QString filter{}; ///< empty: all files
    QString first{};  ///< where to begin until a folder is kept
};

/// Each returns an empty string where the user cancels. `over`: in the window, or a dialog of it.
[[nodiscard]] QString askForFile(QWidget& over, const FileQuestion& question);
[[nodiscard]] QString askForFolder(QWidget& over, const FileQuestion& question);
/// A file to write; asks before one is replaced. `name` is proposed, its ending is added to others.
[[nodiscard]] QString
askForNewFile(QWidget& over, const FileQuestion& question, const QString& name);

} // namespace depthscope::panels
