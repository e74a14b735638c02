// SPDX-License-Identifier: MIT
// Files from strangers: foreign, cut, with flipped bits. Each is read or refused with an Error that
// names the file; none crashes, none is written to.
#include "engine/base/error.h"
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "engine/recording/writer.h"
#include "tests/engine/recording/hostile_file.h"
#include "tests/engine/recording/random_trace.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <random>
#include <stop_token>

using namespace depthscope;
using namespace depthscope::recording;
using namespace depthscope::tests;

class TestHostileRecording : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QByteArray m_sound;

    [[nodiscard]] QString file() const { return m_folder.filePath("hostile.depthscope"); }

private Q_SLOTS:

    void initTestCase() {
        // The first seed whose model has experts.
        std::vector<trace::StepPtr> steps;
        std::uint32_t seed = 0;
        RandomTrace random(seed);
        while (steps.empty() || steps[0]->routing.experts.empty()) {
            random = RandomTrace(++seed);
            steps = random.run(1, trace::kMainRun, 6, 80);
        }
        const auto grid = random.grid(2, "noise", 5);
        steps.insert(steps.end(), grid.begin(), grid.end());
        saveRecording(file().toStdString(), steps, random.recipe(), {{"a", "b"}});
        m_sound = bytesOfFile(file());
        QVERIFY(!m_sound.isEmpty());
    }

    void damagedFilesAreReadOrRefused_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 0; seed < 200; ++seed) {
            QTest::addRow("case %d", seed) << seed;
        }
    }

    void damagedFilesAreReadOrRefused() {
        QFETCH(int, seed);
        std::mt19937 random(static_cast<std::uint32_t>(seed));
        const auto below = [&](qsizetype limit) {
            return static_cast<qsizetype>(random() % static_cast<std::uint32_t>(limit));
        };
        QByteArray content = m_sound;
        if (seed % 3 == 0) {
            content.truncate(below(content.size()));
        } else {
            // Every third case aims at the first page, where header and schema stand.
            const qsizetype range = seed % 3 == 1 ? content.size() : qsizetype{4096};
            for (qsizetype flips = 1 + below(12); flips > 0; --flips) {
                const qsizetype at = below(range);
                content[at] = static_cast<char>(content[at] ^ (1 << below(8)));
            }
        }
        writeFile(file(), content);
        const std::string error = errorInReading(file());
        QVERIFY2(!error.starts_with("BAD"), error.c_str());
        QCOMPARE(bytesOfFile(file()), content);
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files).size(), 1);
    }

    void damagedLogsAreReadOrRefused() {
        const QString path = m_folder.filePath("log.depthscope");
        RandomTrace random(2);
        Writer writer(path.toStdString(), {});
        for (const trace::StepPtr& step : random.run(1, trace::kMainRun, 5, 50)) {
            writer.add(*step);
        }
        const QByteArray sound = bytesOfFile(path + "-wal");
        QVERIFY(!sound.isEmpty());
        const QByteArray mainContent = bytesOfFile(path);
        writer.close();
        QFile::remove(path);
        const QString copy = m_folder.filePath("copy.depthscope");
        for (int i = 0; i < 40; ++i) {
            QByteArray content = sound;
            const int at = random.below(static_cast<int>(content.size()));
            if (i % 2 == 0) {
                content.truncate(at);
            } else {
                content[at] = static_cast<char>(content[at] ^ 0x10);
            }
            writeFile(copy, mainContent);
            writeFile(copy + "-wal", content);
            const std::string error = errorInReading(copy);
            QVERIFY2(!error.starts_with("BAD"), error.c_str());
        }
        QFile::remove(copy);
        QFile::remove(copy + "-wal");
    }

    void foreignFilesAreNamed_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("To be, or not to be");
        QTest::newRow("long text") << QByteArray(100'000, 'x');
        QTest::newRow("header alone") << QByteArray("SQLite format 3\0", 16);
        QTest::newRow("png") << QByteArray("\x89PNG\r\n\x1a\n") + QByteArray(5000, '\0');
    }

    void foreignFilesAreNamed() {
        QFETCH(QByteArray, content);
        writeFile(file(), content);
        const std::string error = errorInReading(file());
        QVERIFY2(error.find("not a Depthscope recording") != std::string::npos, error.c_str());
    }

    void missingFileAndFolderAreRefused() {
        QVERIFY(errorInReading(m_folder.filePath("missing.depthscope")).find("file not found") !=
                std::string::npos);
        QVERIFY(!errorInReading(m_folder.path()).empty());
    }

    void stopEndsTheReading() {
        writeFile(file(), m_sound);
        std::stop_source source;
        source.request_stop();
        try {
            (void)readRecording(file().toStdString(), source.get_token());
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(static_cast<int>(error.code()), static_cast<int>(ErrorCode::Interrupted));
        }
    }

    void harmlessAdditionsAreRead() {
        writeChangedBy(
            "CREATE TABLE later(id INTEGER PRIMARY KEY); INSERT INTO recipe VALUES('later', '{}')",
            m_sound, file());
        QCOMPARE(errorInReading(file()), std::string());
    }
};

QTEST_APPLESS_MAIN(TestHostileRecording)
#include "tst_hostile_recording.moc"
