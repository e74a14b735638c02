// SPDX-License-Identifier: MIT
// A disk that is full and memory that runs out: a message with the file and the remedy, the exit
// code of a fault, and what was saved before is whole. A limit on file sizes stands in for the full
// disk: writes fail in the midst of a file.
#include "tests/app/program_test.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using depthscope::test::bytesOf;
using depthscope::test::kPatience;

namespace {

constexpr int kFault = 4;

struct Outcome {
    int code = -1;
    bool crashed = true;
    QByteArray errors;
};

/// `limits`: shell commands before the program takes the shell's place.
Outcome run(const QString& limits, const QStringList& words) {
    QStringList quoted{QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli")};
    quoted += words;
    for (QString& word : quoted) {
        word = QLatin1Char('\'') + word + QLatin1Char('\'');
    }
    QProcess process;
    process.start(QStringLiteral("bash"),
                  {QStringLiteral("-c"), limits + " exec " + quoted.join(QLatin1Char(' '))});
    if (!process.waitForFinished(kPatience)) {
        process.kill();
        process.waitForFinished();
        return {};
    }
    return {process.exitCode(), process.exitStatus() == QProcess::CrashExit,
            process.readAllStandardError()};
}

} // namespace

class TestNoRoom : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void checkpointOnAFullDisk() {
        const QTemporaryDir folder;
        const QStringList words{"train", "tiny-mor-expert", "--corpus", "graded",
                                "--out", folder.path(),     "--resume"};
        run({}, words + QStringList{"--minutes", "0.02"});
        const QString checkpoint = folder.filePath("checkpoint.safetensors");
        const QByteArray before = bytesOf(checkpoint);
        QVERIFY(!before.isEmpty());
        // Room for the lines of the metrics, not for weights.
        const Outcome outcome = run("trap '' XFSZ; ulimit -f 64;", words);
        QVERIFY2(!outcome.crashed && outcome.code == kFault, outcome.errors);
        QVERIFY2(outcome.errors.contains(folder.path().toUtf8()), outcome.errors);
        QVERIFY(bytesOf(checkpoint) == before);
        QCOMPARE(run({}, words).code, 0); // there is room again
    }

    /// LibTorch fits into the limit, the weights of 135 M do not.
    void memoryRunsOut() {
#if defined(__SANITIZE_ADDRESS__)
        QSKIP("the address sanitizer itself takes more than the limit");
#endif
        const Outcome outcome = run("ulimit -v 1200000;", {"bench", "llama", "--threads", "1"});
        QVERIFY2(!outcome.crashed && outcome.code == kFault, outcome.errors);
        QVERIFY2(outcome.errors.contains("out of memory"), outcome.errors);
    }
};

QTEST_GUILESS_MAIN(TestNoRoom)
#include "tst_no_room.moc"
