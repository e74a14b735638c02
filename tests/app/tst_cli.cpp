// SPDX-License-Identifier: MIT
// The command line as scripts use it: JSON, exit codes, messages that name the subject.
#include "tests/app/cli_answer.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace depthscope::test;

namespace {

QString fixture(const QString& name) {
    return QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/tests/fixtures/") + name;
}

QJsonObject expected(const QString& name) {
    QFile file(fixture(name) + "/expected.json");
    [[maybe_unused]] const bool open = file.open(QIODevice::ReadOnly);
    return QJsonDocument::fromJson(file.readAll()).object();
}

QString idsOf(const QJsonArray& ids) {
    QStringList words;
    for (const QJsonValue& id : ids) {
        words << QString::number(id.toInt());
    }
    return words.join(',');
}

} // namespace

class TestCli : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void runJson() {
        const QJsonObject wanted = expected("mor_expert_mc3");
        const QJsonArray ids = wanted["ids"][0].toArray();
        const Answer answer = cli({"run", fixture("mor_expert_mc3"), "--ids", idsOf(ids), "--json",
                                   "--logits", "--losses"});
        QCOMPARE(answer.code, 0);
        const QJsonObject json = answer.json();
        QCOMPARE(json["depth"].toArray(), wanted["depth"][0].toArray());
        QCOMPARE(json["tokens"].toArray(), ids);
        QCOMPARE(json["routing"].toString(), QString("topk"));
        QCOMPARE(json["causal"].toBool(), false);
        QCOMPARE(json["off_distribution"].toBool(), false);
        QVERIFY(json["text"].isNull());
        QCOMPARE(json["scores"].toArray().size(), 3);
        QVERIFY(json["scores"][2].toArray().contains(QJsonValue()));
        QCOMPARE(json["logits"].toArray().size(), ids.size());
        for (const char* key : {"lm", "aux", "balance", "z"}) {
            QVERIFY(json["losses"].toObject().contains(key));
        }
        const QJsonObject cost = json["cost"].toObject();
        QVERIFY(cost["flops"].toDouble() < cost["full_flops"].toDouble());
        QVERIFY(cost["kv_bytes"].toDouble() < cost["full_kv_bytes"].toDouble());
    }

    void capacityIsExact() {
        const QJsonArray ids = expected("mor_expert_mc3")["ids"][0].toArray();
        const auto kept = [&](const QString& capacity) {
            const QJsonObject json = cli({"run", fixture("mor_expert_mc3"), "--ids", idsOf(ids),
                                          "--json", "--capacity", capacity})
                                         .json();
            int deep = 0;
            for (const QJsonValue& depth : json["depth"].toArray()) {
                deep += depth.toInt() >= 2 ? 1 : 0;
            }
            return deep;
        };
        QCOMPARE(kept("1,1/2,1/4"), 12);
        QCOMPARE(kept("1,0.67,1/3"), 16);
        QCOMPARE(kept("1,0.3,0"), 7);
    }

    void greedyGeneration() {
        const QJsonObject greedy = expected("llama_gqa")["greedy"].toObject();
        const QStringList common{"generate",      fixture("llama_gqa"),
                                 "--ids",         idsOf(greedy["prompt"].toArray()),
                                 "--tokens",      "24",
                                 "--temperature", "0",
                                 "--json"};
        const QJsonObject cached = cli(common).json();
        QCOMPARE(cached["tokens"].toArray(), greedy["tokens"].toArray());
        QCOMPARE(cached["prompt"].toArray(), greedy["prompt"].toArray());
        QCOMPARE(cached["depth"].toArray().size(), 24);
        QVERIFY(cached["text"].isNull());
        QVERIFY(cached["kv_bytes"].toDouble() > 0);
        QCOMPARE(cli(common + QStringList{"--no-cache"}).json()["tokens"].toArray(),
                 greedy["tokens"].toArray());
    }

    void exitCodes_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const QString model = fixture("mor_expert_mc3");
        const auto row = [](const char* name, const QStringList& words, int code,
                            const char* says) {
            QTest::newRow(name) << words << code << QString(says);
        };
        row("unknown command", {"dance"}, 2, "dance");
        row("unknown option", {"run", model, "--ids", "1", "--fast"}, 2, "--fast");
        row("no prompt", {"run", model}, 2, "--ids");
        row("missing value", {"run", model, "--ids"}, 2, "--ids needs a value");
        row("missing model", {"run", "--ids", "1"}, 2, "MODEL");
        row("unknown word", {"run", model, "again", "--ids", "1"}, 2, "again");
        row("option of another command", {"run", model, "--ids", "1", "--steps", "2"}, 2,
            "--steps");
        row("a part of a command", {"tokenizer", "dance"}, 2, "dance");
        row("no part of a command", {"tokenizer"}, 2, "tokenizer --help");
        row("model of a shape suite", {"bench", "more", model}, 2, "no model");
        row("ids that are none", {"run", model, "--ids", "1,x"}, 2, "x");
        row("id out of range", {"run", model, "--ids", "1,97"}, 3, "97");
        row("negative id", {"run", model, "--ids=-1"}, 3, "-1");
        row("text without tokenizer", {"run", model, "--text", "hello"}, 3, "tokenizer");
        row("no such folder", {"run", "/nowhere", "--ids", "1"}, 3, "/nowhere");
        row("capacity above one", {"run", model, "--ids", "1", "--capacity", "1,1.5,1"}, 3,
            "recursion 2");
        row("capacity grows", {"run", model, "--ids", "1", "--capacity", "1,0.2,0.5"}, 3,
            "recursion 3");
        row("capacity count", {"run", model, "--ids", "1", "--capacity", "1,0.5"}, 3,
            "3 recursions");
        row("capacity without a router",
            {"run", fixture("llama_gqa"), "--ids", "1", "--capacity", "1/2"}, 2, "expert-choice");
        row("unknown rule", {"run", model, "--ids", "1", "--routing", "magic"}, 2, "magic");
        row("rule of another model", {"run", model, "--ids", "1", "--routing", "token"}, 2,
            "threshold");
        row("top-k generation",
            {"generate", model, "--ids", "1", "--tokens", "2", "--routing", "topk"}, 2,
            "threshold");
        row("kv policy", {"run", fixture("llama_gqa"), "--ids", "1", "--kv", "share"}, 2,
            "recursion");
        row("endless minutes", {"experiment", "mor-small", "--out", "/tmp/none", "--minutes", "0"},
            2, "--minutes");
        row("unknown experiment", {"experiment", "nothing", "--out", "/tmp/none"}, 2, "more-dit");
        row("unknown system",
            {"experiment", "more-dit", "--out", "/tmp/none", "--systems", "more,less"}, 2,
            "random-depth");
        row("steps of text", {"experiment", "mor-small", "--out", "/tmp/none", "--steps", "3"}, 2,
            "--steps");
        row("clips of text", {"experiment", "looped", "--out", "/tmp/none", "--clips", "one-shape"},
            2, "--clips");
        row("second text", {"experiment", "looped", "--out", "/tmp/none", "--text-file", "x"}, 2,
            "mor-small");
        row("unknown system of text",
            {"experiment", "looped", "--out", "/tmp/none", "--systems", "more"}, 2, "looped-fixed");
        row("text of clips", {"experiment", "more-dit", "--out", "/tmp/none", "--text-file", "x"},
            2, "--text-file");
        row("no seeds", {"experiment", "more-dit", "--out", "/tmp/none", "--seeds", "-1"}, 2,
            "--seeds");
        row("negative regret", {"score", model, "--text-file", "x", "--regret", "-1"}, 2,
            "--regret");
        row("regret without a router",
            {"score", QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-vanilla"),
             "--text-file", QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/README.md"), "--regret", "8"},
            2, "demo-vanilla has no router");
        row("no tokens", {"generate", model, "--ids", "1", "--tokens", "0"}, 2, "--tokens");
        row("half a token", {"generate", model, "--ids", "1", "--tokens", "1.5"}, 2,
            "not an integer");
        row("twice", {"run", model, "--ids", "1", "--ids", "2"}, 2, "more than once");
        row("a folder as a text", {"run", model, "--text-file", "/tmp"}, 3, "/tmp");
        row("a device as a target",
            {"train", "tiny-vanilla", "--out", "/dev/null", "--corpus", "graded"}, 3, "/dev/null");
        row("too long a name",
            {"train", "tiny-vanilla", "--out", "/tmp/none", "--text-file",
             QString(300, QLatin1Char('a'))},
            3, "too long");
        row("device", {"run", model, "--ids", "1", "--device", "cuda:7"}, 4, "cuda:7");
        row("dtype", {"run", model, "--ids", "1", "--dtype", "int4"}, 2, "int4");
        row("unknown preset", {"train", "nothing", "--out", "/tmp/none", "--corpus", "graded"}, 2,
            "demo-vanilla");
        row("shares without a ranking",
            {"run", model, "--ids", "1", "--routing", "threshold", "--capacity", "1,1/2,1/3"}, 2,
            "threshold");
        row("train to nowhere",
            {"train", "tiny-vanilla", "--out", "/proc/none", "--corpus", "graded"}, 3,
            "/proc/none");
    }

    void exitCodes() {
        QFETCH(QStringList, words);
        QFETCH(int, code);
        QFETCH(QString, says);
        const Answer answer = cli(words);
        QCOMPARE(answer.code, code);
        QVERIFY2(QString(answer.err).contains(says), answer.err);
        QVERIFY(answer.out.isEmpty());
    }

    void everyCommandHasAPageOfItsOwn() {
        const QByteArray all = cli({"--help"}).out;
        for (const char* name : {"info", "inspect", "run", "generate", "score", "presets", "train",
                                 "video", "experiment", "tokenizer", "bench", "selftest"}) {
            QVERIFY2(all.contains(name), name);
            const Answer page = cli({name, "--help"});
            QCOMPARE(page.code, 0);
            QVERIFY2(page.out.contains(QByteArray("Usage: depthscope-cli ") + name), name);
            QVERIFY2(page.out.contains("--threads"), name);
            QVERIFY2(page.out.contains("Exit codes"), name);
        }
        QVERIFY(cli({"run", "--help"}).out.contains("--record"));
        QVERIFY(!cli({"run", "--help"}).out.contains("--steps"));
        QVERIFY(cli({"tokenizer", "encode", "--help"}).out.contains("--text-file"));
    }

    void completionKnowsCommandsAndOptions() {
        QProcess shell;
        shell.start(QStringLiteral("/bin/bash"),
                    {"-c", QStringLiteral(
                               "source <(" DEPTHSCOPE_BIN_DIR "/depthscope-cli completion bash); "
                               "COMP_WORDS=(depthscope-cli ex); COMP_CWORD=1; "
                               "_depthscope_cli; echo \"${COMPREPLY[@]}\"; "
                               "COMP_WORDS=(depthscope-cli generate m --temp); "
                               "COMP_CWORD=3; _depthscope_cli; echo \"${COMPREPLY[@]}\"; "
                               "COMP_WORDS=(depthscope-cli tokenizer encode --text-f); "
                               "COMP_CWORD=3; _depthscope_cli; echo \"${COMPREPLY[@]}\"")});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.readAllStandardOutput(),
                 QByteArray("experiment\n--temperature\n--text-file\n"));
    }

    void fullOutput() {
        QProcess shell;
        shell.start(QStringLiteral("/bin/sh"),
                    {"-c", QStringLiteral(DEPTHSCOPE_BIN_DIR "/depthscope-cli info > /dev/full")});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.exitCode(), 4);
        QVERIFY(shell.readAllStandardError().contains("could not be written"));
    }

    void pipeAsText() {
        QProcess shell;
        shell.start(
            QStringLiteral("/bin/sh"),
            {"-c", QStringLiteral("printf 'To be' | " DEPTHSCOPE_BIN_DIR
                                  "/depthscope-cli tokenizer encode " DEPTHSCOPE_SOURCE_DIR
                                  "/resources/models/demo-vanilla --text-file /dev/stdin")});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.exitCode(), 0);
        QVERIFY(shell.readAllStandardOutput().contains(','));
    }

    void trainsAndOpensWhatItTrained() {
        const QTemporaryDir folder;
        const QString out = folder.filePath("model");
        const Answer trained = cli({"train", "tiny-mor-expert", "--out", out, "--corpus", "graded",
                                    "--steps", "4", "--json"});
        QCOMPARE(trained.code, 0);
        const QJsonObject last = QJsonDocument::fromJson(trained.out.split('\n').first()).object();
        for (const char* key :
             {"step", "train_loss", "val_loss", "tokens_per_second", "peak_bytes", "seconds"}) {
            QVERIFY2(last.contains(key), key);
        }
        const Answer ran = cli({"run", out, "--text", "sum: 12+9=21", "--json"});
        QCOMPARE(ran.code, 0);
        QCOMPARE(ran.json()["text"].toString(), QString("sum: 12+9=21"));
        QVERIFY(ran.json()["nll"].toDouble() > 0);
        QCOMPARE(
            cli({"train", "tiny-mor-expert", "--out", out, "--corpus", "graded", "--steps", "4"})
                .code,
            2);
        QCOMPARE(cli({"train", "tiny-mor-expert", "--out", out, "--corpus", "graded", "--steps",
                      "4", "--resume"})
                     .code,
                 0);
        QCOMPARE(cli({"score", out, "--text-file", QString(DEPTHSCOPE_SOURCE_DIR) + "/LICENSE",
                      "--json"})
                     .code,
                 0);
        QCOMPARE(cli({"run", out, "--text", ""}).code, 3);
        const QJsonObject inspected = cli({"inspect", out, "--json"}).json();
        QCOMPARE(inspected["router"].toString(), QString("expert"));
        QCOMPARE(inspected["recipe"].toObject()["recipe"].toObject()["steps"].toInt(), 4);
    }

    void trainsWithASentencePieceModel() {
        const QTemporaryDir folder;
        const QString out = folder.filePath("model");
        const QStringList train{"train",       "tiny-vanilla",
                                "--out",       out,
                                "--steps",     "2",
                                "--text-file", QString(DEPTHSCOPE_SOURCE_DIR) + "/LICENSE",
                                "--tokenizer"};
        QCOMPARE(cli(train + QStringList{"/etc/hostname"}).code, 3);
        QVERIFY(!QDir(out).exists()); // nothing is written before all inputs are checked
        QCOMPARE(cli(train + QStringList{fixture("tokenizer/words/tokenizer.model")}).code, 0);
        QVERIFY(QFile::exists(out + "/tokenizer.model"));
        QVERIFY(!QFile::exists(out + "/tokenizer.json"));
        QCOMPARE(cli({"run", out, "--text", "a licence", "--json"}).code, 0);
    }

    void aTextThatCannotBeTrainedOnLeavesNothing() {
        const QTemporaryDir folder;
        QFile text(folder.filePath("short.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.write("short");
        text.close();
        const QString out = folder.filePath("model");
        const Answer refused =
            cli({"train", "tiny-vanilla", "--out", out, "--text-file", text.fileName()});
        QCOMPARE(refused.code, 3);
        QVERIFY2(refused.err.contains("too short"), refused.err);
        QVERIFY(!QDir(out).exists());
    }

    void endsOfTextThatNobodyKnows() {
        const Answer made = cli({"generate", fixture("more"), "--ids", "1,2", "--tokens", "3",
                                 "--stop-at-eos", "--json"});
        QCOMPARE(made.code, 0);
        QCOMPARE(made.json()["tokens"].toArray().size(), 3);
        QVERIFY2(made.err.contains("no end-of-text token"), made.err);
    }

    void trainsAChangedRecipe() {
        const QTemporaryDir folder;
        const QString out = folder.filePath("model");
        const QStringList common{"train",    "tiny-mor-expert", "--out",   out,
                                 "--corpus", "graded",          "--steps", "4"};
        const QStringList changes{"--set",           "router_type=mlp", "--set",
                                  "schedule=cosine", "--set",           "num_recursion=2"};
        QCOMPARE(cli(common + QStringList{"--set", "router_type=large"}).code, 2);
        QVERIFY(!QDir(out).exists()); // nothing is written before all is checked
        QCOMPARE(cli(common + changes).code, 0);
        const QJsonObject inspected = cli({"inspect", out, "--json"}).json();
        QCOMPARE(inspected["recursions"].toInt(), 2);
        const QJsonObject recipe = inspected["recipe"].toObject()["recipe"].toObject();
        QCOMPARE(recipe["router_type"].toString(), QString("mlp"));
        QCOMPARE(recipe["schedule"].toString(), QString("cosine"));
        QCOMPARE(recipe["learning_rate"].toDouble(), 0.003);
        // Resumed, it is the checkpoint's recipe unless another is asked for, which is refused.
        QCOMPARE(cli(common + QStringList{"--resume"}).code, 0);
        const Answer other = cli(common + QStringList{"--resume", "--set", "alpha=0.7"});
        QCOMPARE(other.code, 3);
        QVERIFY2(other.err.contains("recipe."), other.err);
    }

    void presets() {
        const QJsonArray all = cli({"presets", "--json"}).json()["presets"].toArray();
        QMap<QString, double> parameters;
        for (const QJsonValue& preset : all) {
            parameters[preset["name"].toString()] = preset["parameters"].toDouble();
        }
        QCOMPARE(parameters["more-shakespeare"], 1'457'920.0); // docs/routing.md 1.3
        QCOMPARE(parameters["more-baseline-shakespeare"], 336'640.0);
        const QJsonObject one =
            cli({"presets", "demo-mor-expert", "--set", "num_recursion=2", "--json"}).json();
        QVERIFY(one["parameters"].toDouble() > parameters["demo-mor-expert"]);
        QVERIFY(one["fields"].toArray().size() > 20);
        QCOMPARE(cli({"presets", "--set", "batch=2"}).code, 2);
    }

    void promptLongerThanTheContext() {
        QStringList ids;
        for (int i = 0; i < 300; ++i) {
            ids << QString::number(i % 97);
        }
        const Answer answer =
            cli({"run", fixture("mor_expert_mc3"), "--ids", ids.join(','), "--json"});
        QCOMPARE(answer.code, 0);
        QCOMPARE(answer.json()["tokens"].toArray().size(), 256);
        QVERIFY(answer.err.contains("256 of 300"));
    }

    void info() {
        const QJsonObject json = cli({"info", "--json"}).json();
        QVERIFY(!json["depthscope"].toString().isEmpty());
        QVERIFY(json["versions"].toObject().contains("libtorch"));
        QVERIFY(json["devices"].toArray().contains("cpu"));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "tst_cli.moc"
