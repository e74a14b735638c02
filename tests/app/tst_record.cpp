// SPDX-License-Identifier: MIT
// --record of the command line: what a recording holds is what the command printed.
#include "engine/recording/reader.h"
#include "tests/app/program_test.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace depthscope;

namespace {

const QString kModel = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-mor-expert");

/// The exit code; `out` gets what was printed.
int cli(const QStringList& words, QByteArray* out = nullptr) {
    QProcess process;
    process.start(QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli"), words);
    if (!process.waitForFinished(test::kPatience)) {
        return -1;
    }
    if (out != nullptr) {
        *out = process.readAllStandardOutput();
    }
    return process.exitCode();
}

template <class Number>
std::vector<Number> numbersOf(const QJsonValue& list) {
    std::vector<Number> numbers;
    for (const QJsonValue& value : list.toArray()) {
        numbers.push_back(static_cast<Number>(value.toInt()));
    }
    return numbers;
}

} // namespace

class TestRecord : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void aPass() {
        const QString file = m_folder.filePath("pass.depthscope");
        QByteArray out;
        const QStringList words{"run",           kModel,     "--text",
                                "To be, or not", "--json",   "--capacity",
                                "1,1/2,1/4",     "--record", file};
        QCOMPARE(cli(words, &out), 0);
        const QJsonObject json = QJsonDocument::fromJson(out).object();
        const auto kept = recording::readRecording(file.toStdString());
        QCOMPARE(kept.steps.size(), std::size_t(1));
        QCOMPARE(kept.steps[0]->text()->ids, numbersOf<std::int32_t>(json["tokens"]));
        QCOMPARE(kept.steps[0]->routing.depth, numbersOf<std::uint8_t>(json["depth"]));
        QCOMPARE(kept.recipe.prompt, std::string("To be, or not"));
        QCOMPARE(settings::toString(kept.recipe.settings.routing.capacity),
                 std::string("1,1/2,1/4"));
        // What is there is not written over.
        const QByteArray before = test::bytesOf(file);
        QCOMPARE(cli(words), 2);
        QCOMPARE(test::bytesOf(file), before);
    }

    void aRunThatFailsLeavesNothing() {
        const QString file = m_folder.filePath("failed.depthscope");
        QCOMPARE(cli({"run", kModel, "--ids", "99999999", "--record", file}), 3);
        QVERIFY(!QFile::exists(file));
    }

    void aGeneration() {
        const QString file = m_folder.filePath("generation.depthscope");
        QByteArray out;
        QCOMPARE(cli({"generate", kModel, "--text", "To be", "--tokens", "6", "--json", "--record",
                      file},
                     &out),
                 0);
        const QJsonObject json = QJsonDocument::fromJson(out).object();
        const auto kept = recording::readRecording(file.toStdString());
        QCOMPARE(kept.steps.size(), std::size_t(7));
        std::vector<std::int32_t> tokens;
        for (std::size_t i = 1; i < kept.steps.size(); ++i) {
            tokens.push_back(kept.steps[i]->text()->ids.front());
        }
        QCOMPARE(tokens, numbersOf<std::int32_t>(json["tokens"]));
        QCOMPARE(kept.recipe.settings.generation.count, 6);
    }

    /// A step at each evaluation: what the model did to validation text.
    void aTraining() {
        const QString file = m_folder.filePath("training.depthscope");
        QByteArray out;
        QCOMPARE(cli({"train", "tiny-mor-expert", "--corpus", "graded", "--steps", "2", "--json",
                      "--out", m_folder.filePath("model"), "--record", file},
                     &out),
                 0);
        const auto kept = recording::readRecording(file.toStdString());
        QCOMPARE(static_cast<qsizetype>(kept.steps.size()), out.count('\n'));
        const trace::StepTrace& step = *kept.steps.back();
        QCOMPARE(step.routing.recursions, 3);
        QVERIFY(!step.text()->text.empty());
        QCOMPARE(step.routing.classes.size(), step.routing.places());
    }

private:
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TestRecord)
#include "tst_record.moc"
