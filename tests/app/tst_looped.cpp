// SPDX-License-Identifier: MIT
// Looped models on the command line: exits and their probabilities, what is refused and why, shapes
// with random weights.
#include "tests/app/fixture_answers.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

using namespace depthscope::test;

namespace {

const QString kFixture = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/ouro");

} // namespace

class TestLooped : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY2(QFileInfo::exists(kFixture), "the fixtures are not there");
        m_answers = fixtureAnswers(kFixture);
    }

    void exitsAndTheirProbabilities() {
        const QJsonObject one = m_answers.expected["thresholds"].toArray()[0].toObject();
        const Answer answer =
            run({"--routing", QString("exit:%1").arg(one["threshold"].toDouble())});
        QVERIFY2(answer.code == 0, answer.err.constData());
        const QJsonObject json = answer.json();
        QCOMPARE(json["routing"].toString(), QString("exit"));
        QCOMPARE(json["depth"].toArray(), one["depth"].toArray()[0].toArray());
        const QJsonArray made = json["exit_probability"].toArray();
        const QJsonArray official = m_answers.expected["exit_probability"].toArray()[0].toArray();
        QCOMPARE(made.size(), official.size());
        for (qsizetype t = 0; t < made.size(); ++t) {
            QCOMPARE(made[t].toArray().size(), official[t].toArray().size());
            for (qsizetype r = 0; r < made[t].toArray().size(); ++r) {
                QVERIFY(std::abs(made[t].toArray()[r].toDouble() -
                                 official[t].toArray()[r].toDouble()) < 2e-4);
            }
        }
        // Published exits choose the answer: they save nothing.
        const QJsonObject cost = json["cost"].toObject();
        QCOMPARE(cost["flops"].toDouble(), cost["full_flops"].toDouble());
        QCOMPARE(cost["kv_bytes"].toDouble(), cost["full_kv_bytes"].toDouble());
        const QJsonObject fixed = run({"--routing", "fixed:1"}).json()["cost"].toObject();
        QVERIFY(fixed["flops"].toDouble() < 0.5 * cost["flops"].toDouble());
    }

    /// Stopping saves what published exits do not.
    void stoppingSaves() {
        const QJsonObject published = run({"--routing", "exit:0.4"}).json();
        const QJsonObject stops = run({"--routing", "exit:0.4", "--exit", "stop"}).json();
        for (const char* figure : {"flops", "kv_bytes"}) {
            QVERIFY2(stops["cost"].toObject()[figure].toDouble() <
                         0.9 * published["cost"].toObject()[figure].toDouble(),
                     figure);
        }
        const QJsonArray depth = stops["depth"].toArray();
        const QJsonArray exits = stops["exit_probability"].toArray();
        for (qsizetype t = 0; t < depth.size(); ++t) {
            QCOMPARE(exits[t].toArray().size(), depth[t].toInt());
        }
        QCOMPARE(run({"--routing", "exit:1", "--exit", "stop", "--logits"}).json()["depth"],
                 run({"--routing", "exit:1", "--logits"}).json()["depth"]);
    }

    /// A row for each recursion and token; the last prediction is the run's own.
    void convergence() {
        const QJsonObject json = run({"--convergence", "--logits"}).json();
        const QJsonObject made = json["convergence"].toObject();
        const qsizetype tokens = json["tokens"].toArray().size();
        for (const char* quantity :
             {"relative_change", "cosine", "entropy", "kl_to_last", "rank_of_answer"}) {
            QCOMPARE(made[quantity].toArray().size(), 4);
            QCOMPARE(made[quantity].toArray()[0].toArray().size(), tokens);
        }
        QCOMPARE(made["trained_recursions"].toInt(), 4);
        QCOMPARE(made["answer_fixed_at"].toArray().size(), tokens);
        QCOMPARE(made["path"].toArray()[0].toArray().size(), 5);
        QCOMPARE(made["path_variance"].toArray().size(), tokens);
        QCOMPARE(made["exits"].toObject().size(), 7);
        QVERIFY(made["exits"].toObject()["argmax:5"].toArray()[0].isNull());
        const QJsonArray last = json["predictions"].toArray()[3].toArray();
        for (qsizetype t = 0; t < tokens; ++t) {
            const QJsonArray logits = json["logits"].toArray()[t].toArray();
            const QJsonObject best = last[t].toArray()[0].toObject();
            QCOMPARE(last[t].toArray().size(), 5);
            QVERIFY(best["text"].isNull());
            for (const QJsonValue& logit : logits) {
                QVERIFY(logit.toDouble() <= logits[best["id"].toInt()].toDouble());
            }
        }
        QVERIFY(!run({}).json().contains("convergence"));
        QCOMPARE(
            run({"--convergence", "--routing", "fixed:6"}).json()["predictions"].toArray().size(),
            6);
    }

    /// A model without recursions has none: exit code 2, which says what has.
    void noConvergence() {
        const QString plain = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/llama_gqa");
        const Answer answer = cli({"run", plain, "--ids", "1,2,3", "--convergence"});
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.err.contains("looped"), answer.err.constData());
    }

    void inspected() {
        const QJsonObject json = cli({"inspect", kFixture, "--json"}).json();
        QCOMPARE(json["router"].toString(), QString("exit"));
        QCOMPARE(json["recursions"].toInt(), 4);
        QCOMPARE(json["layers"].toInt(), 12);
        const QJsonObject kv = json["kv_bytes_per_token"].toObject();
        QCOMPARE(kv["by_recursion"].toArray().size(), 4);
        QCOMPARE(kv["total"].toInt(), 4 * 3 * 2 * 48 * 4);
        QCOMPARE(kv["last"].toInt(), 3 * 2 * 48 * 4);
        const QJsonObject kept = run({"--kv", "last"}).json();
        QCOMPARE(kept["cost"].toObject()["kv_bytes"].toInteger(),
                 kept["depth"].toArray().size() * 3 * 2 * 48 * 4);
        QVERIFY(json["effective_parameters"].toInteger() > 2 * json["parameters"].toInteger());
    }

    void refused_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("named");
        QTest::newRow("threshold above 1") << QStringList{"--routing", "exit:1.5"} << "0..1";
        QTest::newRow("too deep") << QStringList{"--routing", "fixed:65"} << "64";
        QTest::newRow("another family's rule") << QStringList{"--routing", "topk"} << "exit";
        QTest::newRow("weighted stops")
            << QStringList{"--routing", "weighted", "--exit", "stop"} << "weighted";
        QTest::newRow("latest of nobody") << QStringList{"--kv", "latest"} << "recursion";
        QTest::newRow("compress of Ouro")
            << QStringList{"--kv", "compress:2"} << "model, recursion, last.";
        QTest::newRow("exit of what") << QStringList{"--exit", "early"} << "published";
        QTest::newRow("capacity") << QStringList{"--capacity", "1,1/2,1/2,1/2"} << "capacity";
    }

    void refused() {
        QFETCH(QStringList, words);
        QFETCH(QString, named);
        const Answer answer = run(words);
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.err.contains(named.toUtf8()), answer.err.constData());
    }

    void damagedFolders_data() {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("named");
        const QByteArray steps = "\"total_ut_steps\": 4";
        QTest::newRow("no recursion")
            << steps << QByteArray("\"total_ut_steps\": 0") << "total_ut_steps";
        QTest::newRow("a thousand")
            << steps << QByteArray("\"total_ut_steps\": 1000") << "total_ut_steps";
        QTest::newRow("not said") << steps << QByteArray("\"steps\": 4") << "total_ut_steps";
        QTest::newRow("a step too far")
            << steps << QByteArray("\"total_ut_steps\": 4, \"early_exit_step\": 4")
            << "early_exit_step";
        QTest::newRow("a window") << steps
                                  << QByteArray("\"total_ut_steps\": 4, \"layer_types\": "
                                                "[\"sliding_attention\"]")
                                  << "layer_types";
    }

    void damagedFolders() {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, named);
        const QTemporaryDir folder;
        QByteArray config = bytesOf(kFixture + "/config.json");
        QVERIFY(config.contains(from));
        QFile file(folder.filePath("config.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(config.replace(from, to));
        file.close();
        QVERIFY(QFile::link(kFixture + "/model.safetensors", folder.filePath("model.safetensors")));
        const Answer answer = cli({"run", folder.path(), "--ids", "1,2,3"});
        QCOMPARE(answer.code, 3);
        QVERIFY2(answer.err.contains(named.toUtf8()), answer.err.constData());
    }

    void aShapeWithRandomWeights() {
        const QTemporaryDir root;
        const QString folder = root.filePath("shape");
        const QStringList words{"presets", "ouro-1.4b",
                                "--write", folder,
                                "--set",   "hidden_size=64",
                                "--set",   "intermediate_size=96",
                                "--set",   "num_hidden_layers=2",
                                "--set",   "num_attention_heads=2",
                                "--set",   "num_key_value_heads=2",
                                "--set",   "head_dim=32"};
        const Answer written = cli(words + QStringList{"--json"});
        QVERIFY2(written.code == 0, written.err.constData());
        QCOMPARE(cli(words).code, 2); // never over a model
        const QJsonObject json = cli({"inspect", folder, "--json"}).json();
        QCOMPARE(json["layers"].toInt(), 8);
        QCOMPARE(json["parameters"].toInteger(), written.json()["parameters"].toInteger());
        QVERIFY(json["notes"].toArray()[0].toString().contains("random weights"));
        const Answer ran = cli({"run", folder, "--ids", "1,2,3", "--json"});
        QVERIFY2(ran.code == 0, ran.err.constData());
        const QByteArray first = bytesOf(folder + "/model.safetensors");
        QVERIFY(QDir(folder).removeRecursively());
        QCOMPARE(cli(words).code, 0);
        QVERIFY(bytesOf(folder + "/model.safetensors") == first);
        const Answer one = cli({"presets", "ouro-1.4b", "--json"});
        QCOMPARE(one.json()["parameters"].toInteger(), qint64{1'434'652'673});
    }

private:
    [[nodiscard]] Answer run(const QStringList& words) const {
        return cli(QStringList{"run", kFixture, "--ids", m_answers.ids, "--json"} + words);
    }

    FixtureAnswers m_answers;
};

QTEST_APPLESS_MAIN(TestLooped)
#include "tst_looped.moc"
