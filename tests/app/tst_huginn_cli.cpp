// SPDX-License-Identifier: MIT
// Huginn on the command line: rules and their figures, what is refused and why, text scores, its
// shape with random weights.
#include "tests/app/fixture_answers.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace depthscope::test;

namespace {

const QString kFixture = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/huginn");

} // namespace

class TestHuginnCli : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void initTestCase() {
        QVERIFY2(QFileInfo::exists(kFixture), "the fixtures are not there");
        m_answers = fixtureAnswers(kFixture);
    }

    void depthsAndFigures() {
        const QJsonObject one = m_answers.expected["adaptive"].toArray()[0].toObject();
        const double change = one["threshold"].toDouble();
        const Answer answer = run({"--routing", QString("latent:%1").arg(change)});
        QVERIFY2(answer.code == 0, answer.err.constData());
        const QJsonObject json = answer.json();
        const QJsonArray depth = json["depth"].toArray();
        QCOMPARE(depth, one["depth"].toArray()[0].toArray());
        QCOMPARE(json["change"].toDouble(), change);
        QCOMPARE(json["initial_state"].toString(), QString("zero"));
        QVERIFY(!json.contains("exit_probability"));
        const QJsonArray scores = json["scores"].toArray();
        QCOMPARE(scores.size(), 8);
        for (qsizetype t = 0; t < depth.size(); ++t) {
            for (qsizetype r = 0; r < scores.size(); ++r) {
                const QJsonValue score = scores[r].toArray()[t];
                QCOMPARE(score.isDouble(), r < depth[t].toInt());
                QVERIFY(!score.isDouble() || r + 1 >= depth[t].toInt() ||
                        score.toDouble() >= change);
            }
        }
        // What did not run was neither counted nor kept.
        const QJsonObject cost = json["cost"].toObject();
        QVERIFY(cost["flops"].toDouble() < 0.9 * cost["full_flops"].toDouble());
        qint64 entries = 0;
        for (const QJsonValue& d : depth) {
            entries += 4 + 4 * d.toInt();
        }
        QCOMPARE(cost["kv_bytes"].toInteger(), entries * 2 * 48 * 4);
        QCOMPARE(cost["full_kv_bytes"].toInteger(), depth.size() * 36 * 2 * 48 * 4);
    }

    /// The last two recursions of each token are kept, and no more.
    void keepsFew() {
        for (const char* rule : {"fixed:8", "latent:0.14"}) {
            const Answer answer = run({"--routing", rule, "--kv", "compress:2"});
            QVERIFY2(answer.code == 0, answer.err.constData());
            const QJsonObject json = answer.json();
            qint64 entries = 0;
            for (const QJsonValue& d : json["depth"].toArray()) {
                entries += 4 + 4 * std::min(2, d.toInt());
            }
            QCOMPARE(json["cost"].toObject()["kv_bytes"].toInteger(), entries * 2 * 48 * 4);
        }
    }

    /// A continuation without a cache is the one with it, under rules of both kinds.
    void generates() {
        for (const char* rule : {"model", "latent:0.14", "kl:0.012"}) {
            const QStringList words{
                "generate", kFixture,          "--ids",     m_answers.ids, "--tokens",
                "6",        "--json",          "--routing", rule,          "--temperature",
                "0",        "--initial-state", "zero"};
            const Answer cached = cli(words);
            QVERIFY2(cached.code == 0, cached.err.constData());
            const Answer whole = cli(words + QStringList{"--no-cache"});
            QCOMPARE(cached.json()["tokens"], whole.json()["tokens"]);
            QCOMPARE(cached.json()["depth"], whole.json()["depth"]);
            QCOMPARE(cached.json()["tokens"].toArray().size(), 6);
        }
    }

    /// Drawn by the seed: the same answer again, another from another seed.
    void seeds() {
        const auto nll = [this](const char* seed) {
            return cli({"run", kFixture, "--ids", m_answers.ids, "--json", "--seed", seed})
                .json()["nll"]
                .toDouble();
        };
        QCOMPARE(nll("1"), nll("1"));
        QVERIFY(nll("1") != nll("2"));
    }

    void inspected() {
        const QJsonObject json = cli({"inspect", kFixture, "--json"}).json();
        QCOMPARE(json["router"].toString(), QString("change"));
        QCOMPARE(json["recursions"].toInt(), 8);
        QCOMPARE(json["layers"].toInt(), 36);
        QCOMPARE(json["unshared_layers"].toInt(), 4);
        const QJsonObject kv = json["kv_bytes_per_token"].toObject();
        QCOMPARE(kv["by_recursion"].toArray().size(), 8);
        QCOMPARE(kv["by_recursion"].toArray()[0].toInt(), 4 * 2 * 48 * 4);
        QCOMPARE(kv["total"].toInt(), 36 * 2 * 48 * 4);
        QCOMPARE(kv["last"].toInt(), (4 + 4) * 2 * 48 * 4);
        QCOMPARE(cli({"inspect", kFixture + "/config.json", "--json"}).json()["parameters"],
                 json["parameters"]);
        QVERIFY2(json["notes"].toArray().isEmpty(), "every tensor is known");
    }

    void refused_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("named");
        QTest::newRow("no threshold") << QStringList{"--routing", "latent:0"} << "latent:0.03";
        QTest::newRow("no number") << QStringList{"--routing", "kl:much"} << "much";
        QTest::newRow("not whole") << QStringList{"--routing", "argmax:2.5"} << "argmax:5";
        QTest::newRow("too deep") << QStringList{"--routing", "fixed:65"} << "64";
        QTest::newRow("no gate") << QStringList{"--routing", "exit:0.5"} << "latent";
        QTest::newRow("latest of nobody") << QStringList{"--kv", "latest"} << "recursion";
        QTest::newRow("shared keys")
            << QStringList{"--routing", "kl", "--kv", "share"} << "latest, skip";
        QTest::newRow("always stops")
            << QStringList{"--routing", "latent", "--exit", "published"} << "Valid values: stop.";
        QTest::newRow("stops nobody, but always would")
            << QStringList{"--exit", "published"} << "Valid values: stop.";
        QTest::newRow("keeps how many") << QStringList{"--kv", "compress"} << "compress:4";
        QTest::newRow("keeps too many") << QStringList{"--kv", "compress:65"} << "1..64";
    }

    void refused() {
        QFETCH(QStringList, words);
        QFETCH(QString, named);
        const Answer answer = run(words);
        QCOMPARE(answer.code, 2);
        QVERIFY2(answer.err.contains(named.toUtf8()), answer.err.constData());
    }

    void onlyHuginnHasAState() {
        const Answer answer =
            cli({"run", QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/ouro"), "--ids",
                 "1,2", "--initial-state", "zero"});
        QCOMPARE(answer.code, 2);
        QVERIFY(answer.err.contains("initial state"));
        const Answer other = cli({"run", kFixture, "--ids", "1,2", "--initial-state", "one"});
        QCOMPARE(other.code, 2);
        QVERIFY(other.err.contains("zero"));
    }

    void damagedFolders_data() {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* title, const char* from, const char* to,
                            const char* named) {
            QTest::newRow(title) << QByteArray(from) << QByteArray(to) << QString(named);
        };
        const char* often = "\"mean_recurrence\": 8";
        row("no recursion", often, "\"mean_recurrence\": 0", "mean_recurrence");
        row("a thousand", often, "\"mean_recurrence\": 1000", "mean_recurrence");
        row("not said", often, "\"recurrence\": 8", "mean_recurrence");
        row("no core", "\"n_layers_in_recurrent_block\": 4", "\"n_layers_in_recurrent_block\": 0",
            "n_layers_in_recurrent_block");
        row("absurd core", "\"n_layers_in_recurrent_block\": 4",
            "\"n_layers_in_recurrent_block\": 9000000000000000000", "n_layers_in_recurrent_block");
        row("no prelude", "\"n_layers_in_prelude\": 2", "\"n_layers_in_prelude\": 0",
            "n_layers_in_prelude");
        row("more layers", "\"n_layers_in_coda\": 2", "\"n_layers_in_coda\": 3",
            "transformer.coda.2");
        row("absurd width", "\"n_embd\": 48", "\"n_embd\": 480000000", "480000000");
        row("grouped", "\"num_key_value_heads\": 4", "\"num_key_value_heads\": 2",
            "num_key_value_heads");
        row("biases", "\"bias\": false", "\"bias\": true", "bias");
        row("noise", "\"bias\": false", "\"test_time_noise\": 0.1", "test_time_noise");
        row("another block", "SandwichBlock", "TransformerPreNormBlock", "block_class_name");
        row("another norm", "RMSNorm_llama", "LayerNorm", "norm_class_name");
        row("another injection", "\"linear\"", "\"add\"", "injection_type");
        row("another state", "like-init", "normal", "state_init");
        row("untied", "\"tie_embeddings\": true", "\"tie_embeddings\": false", "lm_head.weight");
    }

    void damagedFolders() {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QString, named);
        const QTemporaryDir folder;
        QByteArray config = bytesOf(kFixture + "/config.json");
        QVERIFY(config.contains(from));
        write(folder.filePath("config.json"), config.replace(from, to));
        QVERIFY(QFile::link(kFixture + "/model.safetensors", folder.filePath("model.safetensors")));
        const Answer answer = cli({"run", folder.path(), "--ids", "1,2,3"});
        QCOMPARE(answer.code, 3);
        QVERIFY2(answer.err.contains(named.toUtf8()), answer.err.constData());
    }

    /// Llama's names of the same.
    void laterNames() {
        const QTemporaryDir folder;
        QByteArray config = bytesOf(kFixture + "/config.json");
        config.replace("\"n_heads\"", "\"num_attention_heads\"");
        config.replace("\"tie_embeddings\"", "\"tie_word_embeddings\"");
        write(folder.filePath("config.json"), config);
        QVERIFY(QFile::link(kFixture + "/model.safetensors", folder.filePath("model.safetensors")));
        const QStringList words{"--ids", "1,2,3", "--json"};
        const Answer answer = cli(QStringList{"run", folder.path()} + words);
        QVERIFY2(answer.code == 0, answer.err.constData());
        QCOMPARE(answer.json()["nll"], cli(QStringList{"run", kFixture} + words).json()["nll"]);
    }

    /// Weights that are no numbers.
    void damagedWeights() {
        const QTemporaryDir folder;
        QVERIFY(QFile::link(kFixture + "/config.json", folder.filePath("config.json")));
        QByteArray weights = bytesOf(kFixture + "/model.safetensors");
        for (qsizetype i = 1; i <= 160 * 48; ++i) { // of the embedding, the last tensor
            weights[weights.size() - 4 * i + 2] = static_cast<char>(0xC0);
            weights[weights.size() - 4 * i + 3] = 0x7F;
        }
        write(folder.filePath("model.safetensors"), weights);
        const Answer answer = cli({"run", folder.path(), "--ids", "1,2,3"});
        QCOMPARE(answer.code, 3);
        QVERIFY2(answer.err.contains("not finite"), answer.err.constData());
    }

    void aShapeWithRandomWeights() {
        const QTemporaryDir root;
        const QString folder = root.filePath("shape");
        const QStringList words{
            "presets", "huginn-3.5b",           "--write", folder,
            "--set",   "hidden_size=64",        "--set",   "intermediate_size=96",
            "--set",   "num_attention_heads=2", "--set",   "num_key_value_heads=2",
            "--set",   "head_dim=32",           "--set",   "n_layers_in_recurrent_block=3",
            "--set",   "mean_recurrence=5"};
        const Answer written = cli(words + QStringList{"--json"});
        QVERIFY2(written.code == 0, written.err.constData());
        const QJsonObject json = cli({"inspect", folder, "--json"}).json();
        QCOMPARE(json["layers"].toInt(), 2 + 3 * 5 + 2);
        QCOMPARE(json["parameters"].toInteger(), written.json()["parameters"].toInteger());
        QVERIFY(json["notes"].toArray()[0].toString().contains("random weights"));
        const Answer ran = cli({"run", folder, "--ids", "1,2,3", "--json"});
        QVERIFY2(ran.code == 0, ran.err.constData());
        QCOMPARE(ran.json()["depth"].toArray(), (QJsonArray{5, 5, 5}));
        scored(folder);
        const Answer one = cli({"presets", "huginn-3.5b", "--json"});
        QCOMPARE(one.json()["parameters"].toInteger(), qint64{3'564'976'800});
        QCOMPARE(cli({"presets", "huginn-3.5b", "--set", "hidden_size=5000"}).code, 2);
    }

private:
    static void write(const QString& path, const QByteArray& bytes) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    /// Measured on a text, as deep as asked for.
    static void scored(const QString& folder) {
        QVERIFY(QFile::copy(
            QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/tokenizer/tokenizer.json"),
            folder + "/tokenizer.json"));
        write(folder + "/text.txt", "To be, or not to be, that is the question.");
        const auto score = [&](const char* rule) {
            return cli({"score", folder, "--text-file", folder + "/text.txt", "--routing", rule,
                        "--json"});
        };
        const Answer fixed = score("fixed:7");
        QVERIFY2(fixed.code == 0, fixed.err.constData());
        QCOMPARE(fixed.json()["mean_depth"].toDouble(), 7.0);
        const Answer watched = score("kl:0.5");
        QVERIFY2(watched.code == 0, watched.err.constData());
        QVERIFY(watched.json()["mean_depth"].toDouble() <= 5.0);
    }

    [[nodiscard]] Answer run(const QStringList& words) const {
        return cli(QStringList{"run", kFixture, "--ids", m_answers.ids, "--json", "--initial-state",
                               "zero"} +
                   words);
    }

    FixtureAnswers m_answers;
};

QTEST_APPLESS_MAIN(TestHuginnCli)
#include "tst_huginn_cli.moc"
