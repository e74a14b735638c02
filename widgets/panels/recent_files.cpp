// SPDX-License-Identifier: MIT
#include "widgets/panels/recent_files.h"

#include <QFileInfo>
#include <QMenu>
#include <QSettings>
#include <utility>

namespace depthscope::panels {

RecentFiles::RecentFiles(QMenu& menu, QString key, QObject* parent)
    : QObject(parent)
    , m_menu(menu)
    , m_key(std::move(key)) {
    m_menu.setToolTipsVisible(true); // the whole path
    if (!m_key.isEmpty()) {
        m_files = QSettings().value(m_key).toStringList().mid(0, kMost);
    }
    fill();
}

void RecentFiles::add(const QString& path) {
    const QString file = QFileInfo(path).absoluteFilePath();
    QStringList files = m_files;
    files.removeAll(file);
    files.prepend(file);
    setFiles(files.mid(0, kMost));
}

void RecentFiles::clear() {
    setFiles({});
}

void RecentFiles::choose(const QString& path) {
    if (QFileInfo::exists(path)) {
        Q_EMIT chosen(path);
        return;
    }
    QStringList files = m_files;
    files.removeAll(path);
    setFiles(files);
    Q_EMIT missing(path);
}

void RecentFiles::setFiles(QStringList files) {
    if (files == m_files) {
        return;
    }
    m_files = std::move(files);
    if (!m_key.isEmpty()) {
        QSettings().setValue(m_key, m_files);
    }
    fill();
}

void RecentFiles::fill() {
    m_menu.clear();
    m_menu.setEnabled(!m_files.isEmpty());
    // Queued: the menu is filled again, without the item, before its signal has returned.
    int number = 1;
    for (const QString& path : m_files) {
        QAction* item = m_menu.addAction(QFileInfo(path).fileName());
        item->setObjectName(m_menu.objectName() + QStringLiteral(".%1").arg(number++));
        item->setToolTip(path);
        connect(
            item, &QAction::triggered, this, [this, path] { choose(path); }, Qt::QueuedConnection);
    }
    m_menu.addSeparator();
    QAction* all = m_menu.addAction(tr("Clear list"));
    all->setObjectName(m_menu.objectName() + QStringLiteral(".clear"));
    connect(all, &QAction::triggered, this, &RecentFiles::clear, Qt::QueuedConnection);
}

} // namespace depthscope::panels
