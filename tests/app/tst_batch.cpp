// SPDX-License-Identifier: MIT
// `generate --prompts`: a line a text as each ends, the texts that each gets alone, errors that
// stop no other text, and Ctrl+C that keeps what there is; `bench batch`.
#include "tests/app/cli_answer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

using namespace depthscope::test;

namespace {

const QString kExpert = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-mor-expert");

QMap<int, QJsonObject> byRequest(const QByteArray& out) {
    QMap<int, QJsonObject> lines;
    for (const QByteArray& line : out.split('\n')) {
        if (!line.isEmpty()) {
            const QJsonObject json = QJsonDocument::fromJson(line).object();
            lines[json["request"].toInt(-1)] = json;
        }
    }
    return lines;
}

} // namespace

class TestBatch : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() { QVERIFY(m_folder.isValid()); }

    /// Greedy and sampled, of a line's own length and seed, against `generate` of each alone.
    void theTextsThatEachGetsAlone() {
        const QString file = write("good.jsonl", "{\"text\": \"a = 3; b = a\", \"tokens\": 9}\n"
                                                 "{\"ids\": [5, 17, 300], \"seed\": 12}\r\n"
                                                 "{\"text\": \"the \"}");
        for (const QString temperature : {"0", "0.9"}) {
            const Answer answer =
                cli({"generate", kExpert, "--prompts", file, "--tokens", "14", "--temperature",
                     temperature, "--seed", "7", "--batch", "2"});
            QVERIFY2(answer.code == 0, answer.err.constData());
            const QMap<int, QJsonObject> lines = byRequest(answer.out);
            QCOMPARE(lines.size(), 3);
            const QStringList prompts[] = {{"--text", "a = 3; b = a", "--tokens", "9"},
                                           {"--ids", "5,17,300", "--tokens", "14"},
                                           {"--text", "the ", "--tokens", "14"}};
            const QString seeds[] = {"7", "12", "9"};
            for (int i = 0; i < 3; ++i) {
                const Answer alone = cli(QStringList{"generate", kExpert, "--json", "--temperature",
                                                     temperature, "--seed", seeds[i]} +
                                         prompts[i]);
                QVERIFY2(alone.code == 0, alone.err.constData());
                for (const char* key : {"tokens", "depth", "text"}) {
                    QCOMPARE(lines[i][key], alone.json()[key]);
                }
            }
        }
    }

    /// Each of these is answered with what is wrong; the others are generated, and the exit code
    /// says that some failed.
    void badLinesStopNoOther() {
        const QByteArray tooLong = "{\"ids\": [" + QByteArray("1,").repeated(600) + "1]}\n";
        const QString file = write(
            "bad.jsonl", "{\"text\": \"the \"}\n\nnot json\n{\"ids\": [5, 99999]}\n" + tooLong +
                             "{\"text\": \"\"}\n{\"text\": \"a\", \"ids\": [1]}\n"
                             "{\"text\": \"a\", \"token\": 3}\n{\"text\": \"a\", \"tokens\": 0}\n"
                             "[1, 2]\n{\"ids\": []}\n{\"text\": \"b\"}\n");
        const Answer answer = cli({"generate", kExpert, "--prompts", file, "--tokens", "3"});
        QCOMPARE(answer.code, 3);
        const QMap<int, QJsonObject> lines = byRequest(answer.out);
        QCOMPARE(lines.size(), 12);
        const QMap<int, QString> wanted{{1, "must not be empty"},
                                        {2, "not valid JSON"},
                                        {3, "outside the vocabulary"},
                                        {4, "must be at most the 512 tokens"},
                                        {5, "is empty"},
                                        {6, "either text or ids"},
                                        {7, "must have no field token"},
                                        {8, "tokens"},
                                        {9, "must be an object"},
                                        {10, "at least one id"}};
        for (auto it = wanted.begin(); it != wanted.end(); ++it) {
            const QJsonObject line = lines[it.key()];
            QVERIFY2(line["error"].toString().contains(it.value()),
                     qPrintable(QString::number(it.key()) + ": " + line["error"].toString()));
            QVERIFY(!line["remedy"].toString().isEmpty());
            QVERIFY(!line.contains("tokens"));
        }
        for (const int good : {0, 11}) {
            QCOMPARE(lines[good]["tokens"].toArray().size(), 3);
        }
        QVERIFY(answer.err.contains("10 of 12 prompts failed"));
    }

    /// Many prompts of 1 to 512 tokens within 16 MiB of keys and values.
    void manyPromptsInLittleMemory() {
        constexpr int kPrompts = 60;
        QByteArray lines;
        for (int i = 0; i < kPrompts; ++i) {
            QByteArray ids;
            for (int t = 0; t < 1 + i * 37 % 512; ++t) {
                ids += (t > 0 ? "," : "") + QByteArray::number((i * 7 + t * t) % 1024);
            }
            lines += "{\"ids\": [" + ids + "], \"tokens\": 2}\n";
        }
        const Answer answer = cli({"generate", kExpert, "--prompts", write("many.jsonl", lines),
                                   "--kv-memory", "16", "--batch", "32"});
        QVERIFY2(answer.code == 0, answer.err.constData());
        const QMap<int, QJsonObject> answers = byRequest(answer.out);
        QCOMPARE(answers.size(), kPrompts);
        for (const QJsonObject& one : answers) {
            QCOMPARE(one["tokens"].toArray().size(), 2);
        }
        QVERIFY(answer.err.contains("of the 16.0 MiB allowed"));
    }

    /// Which tokens share a batch changes no answer.
    void batchings() {
        const QString file = write("two.jsonl", "{\"text\": \"the \", \"tokens\": 6}\n"
                                                "{\"text\": \"sum: 4\", \"tokens\": 9}\n");
        const Answer depth = cli({"generate", kExpert, "--prompts", file});
        const Answer sequence =
            cli({"generate", kExpert, "--prompts", file, "--batching", "sequence"});
        QVERIFY2(depth.code == 0 && sequence.code == 0, sequence.err.constData());
        QCOMPARE(byRequest(sequence.out), byRequest(depth.out));
    }

    void ctrlCKeepsWhatThereIs() {
        QByteArray lines = "{\"text\": \"the \", \"tokens\": 1}\n";
        for (int i = 0; i < 4; ++i) {
            lines += "{\"text\": \"the \", \"tokens\": 1000000}\n";
        }
        QProcess process;
        process.start(
            QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli"),
            {"generate", kExpert, "--prompts", write("long.jsonl", lines), "--kv-memory", "1e6"});
        QVERIFY(process.waitForReadyRead(kPatience));
        QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGINT), 0);
        QVERIFY(process.waitForFinished(kPatience));
        QCOMPARE(process.exitCode(), 5);
        const QMap<int, QJsonObject> answers = byRequest(process.readAllStandardOutput());
        QCOMPARE(answers.size(), 5);
        QVERIFY(!answers[0].contains("stopped"));
        for (int i = 1; i < 5; ++i) {
            QVERIFY(answers[i]["stopped"].toBool());
            QCOMPARE(answers[i]["tokens"].toArray().size(), answers[i]["depth"].toArray().size());
        }
    }

    void refusals_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const QString file = write("one.jsonl", "{\"ids\": [1]}\n");
        const QString none = write("none.jsonl", "");
        const QString more =
            QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/more-shakespeare");
        const QString video = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-dit");
        const auto add = [](const char* name, const QStringList& words, int code, QByteArray says) {
            QTest::newRow(name) << words << code << std::move(says);
        };
        add("both kinds of prompt", {kExpert, "--prompts", file, "--text", "a"}, 2, "--prompts");
        add("batch alone", {kExpert, "--text", "a", "--batch", "4"}, 2, "need --prompts");
        add("no tokens in a batch", {kExpert, "--prompts", file, "--batch", "0"}, 2, "--batch");
        add("batching alone", {kExpert, "--text", "a", "--batching", "depth"}, 2, "need --prompts");
        add("unknown batching", {kExpert, "--prompts", file, "--batching", "wide"}, 2,
            "unknown batching 'wide', valid: depth, sequence");
        add("no memory", {kExpert, "--prompts", file, "--kv-memory", "0"}, 2, "--kv-memory");
        add("no line", {kExpert, "--prompts", none}, 3, "at least one line");
        add("no file", {kExpert, "--prompts", file + ".not"}, 3, ".not");
        add("too little memory", {kExpert, "--prompts", file, "--kv-memory", "0.01"}, 3, "1 of 1");
        add("top-k", {kExpert, "--prompts", file, "--routing", "topk"}, 2, "ranks tokens");
        add("MORE", {more, "--prompts", file}, 2, "cannot be generated together");
        add("looped",
            {QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/ouro"), "--prompts", file}, 2,
            "cannot be generated together");
        add("video", {video, "--prompts", file}, 2, "does not process text");
    }

    void refusals() {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        const Answer answer = cli(QStringList{"generate"} + words);
        QVERIFY2(answer.err.contains(says), answer.err.constData());
        QCOMPARE(answer.code, code);
    }

    void benchComparesTheWays() {
        const Answer answer =
            cli({"bench", "batch", kExpert, "--requests", "12", "--batch", "4", "--json"});
        QVERIFY2(answer.code == 0, answer.err.constData());
        QMap<QString, double> values;
        for (const QJsonValue& row : answer.json()["results"].toArray()) {
            values[row["case"].toString()] =
                row.toObject()[row["unit"] == "tokens/s" ? "tokens_per_second" : "value"]
                    .toDouble();
        }
        for (const char* way : {"one text at a time", "4 texts together", "7 texts together",
                                "depth-wise, batches of 4"}) {
            QVERIFY(values[way + QString(", end to end")] > 0);
            QVERIFY(values[way + QString(", layers alone")] >
                    values[way + QString(", end to end")]);
        }
        QVERIFY(values["depth-wise, batches of 4, fill of recursion 3"] >
                values["4 texts together, fill of recursion 3"]);
        QCOMPARE(cli({"bench", "live", kExpert, "--requests", "12"}).code, 2);
        QCOMPARE(cli({"bench", "batch", kExpert, "--batch", "1"}).code, 2);
    }

private:
    QString write(const QString& name, const QByteArray& bytes) {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size()
                   ? file.fileName()
                   : QString();
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestBatch)
#include "tst_batch.moc"
