// SPDX-License-Identifier: MIT
// A list of files of one kind that were opened, newest first, and the menu that shows it. GUI
// thread; the window owns it.
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

class QMenu;

namespace depthscope::panels {

class RecentFiles : public QObject {
    Q_OBJECT

public:
    /// `key` of the user's settings that keep the list; empty: it lasts as long as the window.
    /// Items are called as the menu, with their number from 1.
    RecentFiles(QMenu& menu, QString key, QObject* parent);

    static constexpr qsizetype kMost = 10;

    void add(const QString& path);
    void clear();

    [[nodiscard]] const QStringList& files() const { return m_files; }

Q_SIGNALS:
    void chosen(const QString& path);
    /// The file that was chosen is gone, and no longer in the list.
    void missing(const QString& path);

private:
    void choose(const QString& path);
    void setFiles(QStringList files);
    void fill();

    QMenu& m_menu;
    QString m_key;
    QStringList m_files;
};

} // namespace depthscope::panels
