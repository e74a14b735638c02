// SPDX-License-Identifier: MIT
// depthscope-cli beside nothing but its core: what needs no LibTorch answers, the rest says what is
// missing and exits with 4.
#include "tests/app/program_test.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

class TestWithoutEngine : public QObject {
    Q_OBJECT

    struct Answer {
        int code = -1;
        QJsonObject json;
        QString complaint;
    };

    Answer cli(const QStringList& words) {
        QProcess process;
        process.start(m_folder.filePath("depthscope-cli"), words);
        Answer answer;
        if (process.waitForFinished(depthscope::test::kPatience)) {
            answer.code = process.exitCode();
        }
        answer.json = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        answer.complaint = QString::fromUtf8(process.readAllStandardError());
        return answer;
    }

private Q_SLOTS:

    void initTestCase() {
        for (const char* name : {"depthscope-cli", "libdepthscope_core.so"}) {
            QVERIFY(QFile::copy(QStringLiteral(DEPTHSCOPE_BIN_DIR "/") + name,
                                m_folder.filePath(name)));
        }
    }

    void presetsAnswer() {
        const Answer all = cli({"presets", "--json"});
        QCOMPARE(all.code, 0);
        QVERIFY(all.json["presets"].toArray().size() > 10);
        const Answer one =
            cli({"presets", "demo-mor-expert", "--set", "num_hidden_layers=11", "--json"});
        QCOMPARE(one.code, 0);
        QVERIFY(!one.json["fields"].toArray().isEmpty());
        QCOMPARE(cli({"presets", "demo-mor-expert", "--set", "alpha=x"}).code, 2);
    }

    void inspectReadsTheConfiguration_data() {
        QTest::addColumn<QString>("model");
        QTest::newRow("folder") << "";
        QTest::newRow("config.json") << "/config.json";
    }

    void inspectReadsTheConfiguration() {
        QFETCH(QString, model);
        const QString folder =
            QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-mor-expert");
        const Answer answer = cli({"inspect", folder + model, "--json"});
        QVERIFY2(answer.code == 0, qPrintable(answer.complaint));
        QCOMPARE(answer.json["family"].toString(), QStringLiteral("mor_llama"));
        QCOMPARE(answer.json["parameters"].toInt(), 1'771'776);
        QVERIFY(answer.json["notes"].toArray()[0].toString().startsWith(
            QStringLiteral("from the configuration alone")));
    }

    void otherCommandsSayWhatIsMissing() {
        const Answer answer = cli({"run", "anything", "--text", "a"});
        QCOMPARE(answer.code, 4);
        QVERIFY(answer.complaint.contains("packaging/setup.sh"));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestWithoutEngine)
#include "tst_without_engine.moc"
