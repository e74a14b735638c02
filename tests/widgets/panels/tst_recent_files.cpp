// SPDX-License-Identifier: MIT
// Lists of files that were opened: order, length, what is gone, and that a later start has them.
#include "widgets/panels/recent_files.h"

#include <QFile>
#include <QMenu>
#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using depthscope::panels::RecentFiles;

class TestRecentFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QStandardPaths::setTestModeEnabled(true);
        QCoreApplication::setOrganizationName(QStringLiteral("depthscope-tests"));
        QCoreApplication::setApplicationName(QStringLiteral("recent-files"));
        QSettings().clear();
    }

    void newestFirstAndTenAtMost() {
        QMenu menu;
        menu.setObjectName(QStringLiteral("list"));
        RecentFiles files(menu, {}, nullptr);
        QVERIFY(!menu.isEnabled());
        for (int i = 0; i < 12; ++i) {
            files.add(QStringLiteral("/a/%1.txt").arg(i));
        }
        files.add(QStringLiteral("/a/5.txt"));
        QCOMPARE(files.files().size(), RecentFiles::kMost);
        QCOMPARE(files.files().front(), QStringLiteral("/a/5.txt"));
        QCOMPARE(files.files().at(1), QStringLiteral("/a/11.txt"));
        auto* first = menu.findChild<QAction*>(QStringLiteral("list.1"));
        QCOMPARE(first->text(), QStringLiteral("5.txt"));
        QCOMPARE(first->toolTip(), QStringLiteral("/a/5.txt"));
        menu.findChild<QAction*>(QStringLiteral("list.clear"))->trigger();
        QTRY_VERIFY(files.files().isEmpty());
        QVERIFY(!menu.isEnabled());
    }

    void missingOnesLeaveTheList() {
        const QTemporaryDir folder;
        const QString there = folder.filePath(QStringLiteral("there.txt"));
        QFile file(there);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QMenu menu;
        menu.setObjectName(QStringLiteral("list"));
        RecentFiles files(menu, {}, nullptr);
        files.add(there);
        files.add(folder.filePath(QStringLiteral("gone.txt")));
        QSignalSpy chosen(&files, &RecentFiles::chosen);
        QSignalSpy missing(&files, &RecentFiles::missing);
        menu.findChild<QAction*>(QStringLiteral("list.1"))->trigger();
        QTRY_COMPARE(missing.count(), 1);
        QCOMPARE(files.files(), QStringList{there});
        menu.findChild<QAction*>(QStringLiteral("list.1"))->trigger();
        QTRY_COMPARE(chosen.count(), 1);
        QCOMPARE(chosen.front().front().toString(), there);
    }

    void aLaterStartHasThem() {
        const QString key = QStringLiteral("texts/recent");
        QMenu menu;
        {
            RecentFiles files(menu, key, nullptr);
            files.add(QStringLiteral("/a/b.txt"));
        }
        const RecentFiles later(menu, key, nullptr);
        QCOMPARE(later.files(), QStringList{QStringLiteral("/a/b.txt")});
        QSettings().clear();
    }
};

QTEST_MAIN(TestRecentFiles)
#include "tst_recent_files.moc"
