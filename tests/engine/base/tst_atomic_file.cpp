// SPDX-License-Identifier: MIT
// What a new file may take the place of: never a device or a folder, and a link stays one.
#include "engine/base/atomic_file.h"
#include "engine/base/error.h"

#include <sys/stat.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;

class TestAtomicFile : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void linkStaysItsTargetIsReplaced() {
        const std::filesystem::path target = path("target"), link = path("link");
        write(target, "old");
        std::filesystem::create_symlink("target", link);
        write(link, "new");
        QVERIFY(std::filesystem::is_symlink(link));
        QCOMPARE(bytesOf(target), QByteArray("new"));
    }

    void othersAreRefused() {
        const std::filesystem::path pipe = path("pipe"), folder = path("folder");
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        std::filesystem::create_directory(folder);
        for (const std::filesystem::path& place : {pipe, folder}) {
            QVERIFY_EXCEPTION_THROWN(AtomicFile{place}, Error);
        }
        QVERIFY(std::filesystem::is_fifo(pipe));
        QVERIFY(std::filesystem::is_directory(folder));
    }

private:
    [[nodiscard]] std::filesystem::path path(const char* name) const {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }

    static void write(const std::filesystem::path& place, std::string_view text) {
        AtomicFile file(place);
        file.write(text);
        file.commit();
    }

    static QByteArray bytesOf(const std::filesystem::path& place) {
        QFile file(QString::fromStdString(place.string()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestAtomicFile)
#include "tst_atomic_file.moc"
