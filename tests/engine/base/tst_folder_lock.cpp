// SPDX-License-Identifier: MIT
#include "engine/base/error.h"
#include "engine/base/folder_lock.h"

#include <QTemporaryDir>
#include <QtTest>
#include <optional>

using namespace depthscope;

class TestFolderLock : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void oneAtATime() {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::optional<FolderLock> first(path);
        try {
            const FolderLock second(path);
            QFAIL("two hold it");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Usage);
        }
        first.reset();
        const FolderLock third(path);
    }

    void noSuchFolder() {
        QVERIFY_EXCEPTION_THROWN(const FolderLock lock("/nowhere/at/all"), Error);
    }
};

QTEST_APPLESS_MAIN(TestFolderLock)
#include "tst_folder_lock.moc"
