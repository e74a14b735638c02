// SPDX-License-Identifier: MIT
// A training killed with SIGKILL at some moment after its first checkpoint and resumed ends with
// the bytes of one that ran through; resumed with other threads it says that it does not.
#include "tests/app/program_test.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using depthscope::test::bytesOf;
using depthscope::test::kPatience;

namespace {

QStringList words(const QString& out, const QString& threads = "1") {
    return {"train",     "tiny-mor-expert", "--corpus", "graded",   "--out",   out,
            "--threads", threads,           "--json",   "--resume", "--steps", "120"};
}

void start(QProcess& process, const QStringList& arguments) {
    process.start(QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli"), arguments);
}

/// Runs until the first evaluation has been printed, whose checkpoint is on disk, then ends it.
/// False: it did not end by that.
bool endOnce(const QString& folder, bool gently) {
    QProcess process;
    start(process, words(folder));
    QByteArray seen;
    while (!seen.contains('\n')) {
        if (!process.waitForReadyRead(kPatience)) {
            return false;
        }
        seen += process.readAllStandardOutput();
    }
    if (gently) {
        process.terminate();
        constexpr int kInterrupted = 5;
        return process.waitForFinished(kPatience) && process.exitCode() == kInterrupted;
    }
    process.kill();
    return process.waitForFinished(kPatience) && process.exitStatus() == QProcess::CrashExit;
}

/// On a busy machine the training can be over before this process gets to end it: again then.
bool endAfterFirstEvaluation(const QString& folder, bool gently) {
    constexpr int kTries = 3;
    for (int i = 0; i < kTries; ++i) {
        QDir(folder).removeRecursively();
        if (endOnce(folder, gently) && !QFile::exists(folder + "/model.safetensors")) {
            return true;
        }
    }
    return false;
}

} // namespace

class TestKilledTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void resumesBitForBit_data() {
        QTest::addColumn<bool>("gently");
        QTest::newRow("SIGKILL") << false;
        QTest::newRow("SIGTERM") << true; // saves what it learned since the evaluation
    }

    void resumesBitForBit() {
        QFETCH(bool, gently);
        const QTemporaryDir straight, killed;
        QProcess whole;
        start(whole, words(straight.path()));
        QVERIFY(whole.waitForFinished(kPatience));
        QCOMPARE(whole.exitCode(), 0);
        QVERIFY(endAfterFirstEvaluation(killed.path(), gently));
        QProcess rest;
        start(rest, words(killed.path()));
        QVERIFY(rest.waitForFinished(kPatience));
        QCOMPARE(rest.exitCode(), 0);
        const QByteArray wanted = bytesOf(straight.filePath("model.safetensors"));
        QVERIFY(!wanted.isEmpty());
        QVERIFY(bytesOf(killed.filePath("model.safetensors")) == wanted);
    }

    void otherThreadsAreTold() {
        const QTemporaryDir folder;
        QVERIFY(endAfterFirstEvaluation(folder.path(), false));
        QProcess rest;
        start(rest, words(folder.path(), "2"));
        QVERIFY(rest.waitForFinished(kPatience));
        QCOMPARE(rest.exitCode(), 0);
        QVERIFY(rest.readAllStandardError().contains("not bit for bit"));
        QVERIFY(bytesOf(folder.filePath("training.json")).contains("threads was 1, is 2"));
    }
};

QTEST_APPLESS_MAIN(TestKilledTraining)
#include "tst_killed_training.moc"
