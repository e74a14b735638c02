// SPDX-License-Identifier: MIT
// The real program with the real engine and a bundled model in a real window: what it shows is what
// the command line prints, undo goes back, generation grows the run, a replayed recording shows the
// same.
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

namespace {

const QString kModel = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/models/demo-mor-expert");
const QString kText = QStringLiteral("The keys that the old man near the doors lost are here.");

QByteArray run(const QString& program, const QStringList& words) {
    QProcess process;
    process.setProcessChannelMode(QProcess::SeparateChannels);
    process.start(QStringLiteral(DEPTHSCOPE_BIN_DIR "/") + program, words);
    constexpr int kPatience = 200'000;
    if (!process.waitForFinished(kPatience) || process.exitCode() != 0) {
        qWarning() << program << words << process.readAllStandardError();
        return {};
    }
    return process.readAllStandardOutput();
}

QJsonObject read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object()
                                          : QJsonObject();
}

QJsonObject commandLine(const QStringList& extra) {
    const QStringList words{"run", kModel, "--text", kText, "--json", "--threads", "1"};
    return QJsonDocument::fromJson(run(QStringLiteral("depthscope-cli"), words + extra)).object();
}

} // namespace

class TestRealWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// The recording of a sampling run, then its model live with the same clip.
    void theBundledPredictionOpens() {
        const QTemporaryDir folder;
        const QString state = folder.filePath("state.json");
        const QJsonArray script{QJsonObject{{"wait", "idle"}, {"seconds", 60}},
                                QJsonObject{{"action", "file.open-bundled-prediction"}},
                                QJsonObject{{"wait", "idle"}, {"seconds", 60}},
                                QJsonObject{{"dump", "state"}, {"to", state}}};
        QFile file(folder.filePath("script.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(script).toJson());
        file.close();
        run(QStringLiteral("depthscope"), {"--script", file.fileName(), "--threads", "1"});
        const QJsonObject shown = read(state);
        QCOMPARE(shown["model"].toObject()["name"].toString(), QString("demo-more-dit"));
        QCOMPARE(shown["source"].toString(), QString("live"));
        QVERIFY(shown["clip"].toObject()["frame_count"].toInt() > 4);
    }

    /// Two starts with one session; nothing of the user's is touched.
    void aNamedSessionComesBack() {
        const QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(name); };
        const auto start = [&](const QJsonArray& script) {
            QFile file(path("script.json"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QJsonDocument(script).toJson());
            file.close();
            run(QStringLiteral("depthscope"),
                {"--script", file.fileName(), "--session", path("session.json"), "--threads", "1"});
        };
        const QJsonObject wait{{"wait", "idle"}, {"seconds", 60}};
        start({wait, QJsonObject{{"model", "demo-mor-token"}}, QJsonObject{{"text", kText}}, wait,
               QJsonObject{{"set", "temperature"}, {"to", 0.35}},
               QJsonObject{{"click", "panel.depth"}, {"at", QJsonArray{2, 0}}}});
        QVERIFY(QFile::exists(path("session.json")));
        QVERIFY(QFile::exists(path("session.json.settings"))); // layout and theme
        start({wait, QJsonObject{{"dump", "state"}, {"to", path("state.json")}}});
        const QJsonObject state = read(path("state.json"));
        QCOMPARE(state["model"].toObject()["name"].toString(), QString("demo-mor-token"));
        QCOMPARE(state["text"].toString(), kText);
        QCOMPARE(state["settings"].toObject()["temperature"].toDouble(), 0.35);
        const QJsonObject cursor =
            read(path("session.json"))["view"].toObject()["cursor"].toObject();
        QCOMPARE(cursor["place"].toInt(-1), 2);
    }

    /// A tiny model is trained from the dock, opened in the lab and measured, and the threshold
    /// that was found is in force.
    void trainsOpensAndMeasures() {
        const QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(name); };
        const auto set = [](const char* name, const QJsonValue& to) {
            return QJsonObject{{"set", name}, {"to", to}};
        };
        const auto action = [](const char* name) { return QJsonObject{{"action", name}}; };
        const QJsonObject wait{{"wait", "idle"}, {"seconds", 60}};
        const QJsonObject waitAll{{"wait", "tasks"}, {"seconds", 100}};
        const QJsonArray script{wait,
                                action("view.dock.train"),
                                wait,
                                waitAll,
                                set("train.preset", "tiny-mor-expert"),
                                set("train.steps", 40),
                                set("train.out", path("out")),
                                action("train.start"),
                                QJsonObject{{"text", kText}}, // the lab is live beside it
                                wait,
                                QJsonObject{{"dump", "state"}, {"to", path("beside.json")}},
                                waitAll,
                                QJsonObject{{"picture", path("trained.png")}},
                                action("train.open"),
                                wait,
                                action("run.measure"),
                                set("measure.wants-depth", true),
                                set("measure.depth", 1.5),
                                set("measure.wants-regret", true),
                                set("measure.regret", 8),
                                action("measure.start"),
                                waitAll,
                                QJsonObject{{"picture", path("measured.png")}},
                                action("measure.use"),
                                action("measure.close"),
                                wait,
                                QJsonObject{{"dump", "state"}, {"to", path("used.json")}}};
        QFile file(path("script.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(script).toJson());
        file.close();
        run(QStringLiteral("depthscope"),
            {"--model", kModel, "--script", file.fileName(), "--threads", "1"});
        QVERIFY(QFile::exists(path("out") + QStringLiteral("/model.safetensors")));
        QCOMPARE(read(path("beside.json"))["model"].toObject()["name"].toString(),
                 QStringLiteral("demo-mor-expert"));
        const QJsonObject used = read(path("used.json"));
        QCOMPARE(used["routing"].toString(), QStringLiteral("threshold"));
        QVERIFY(used["model"].toObject()["name"].toString() !=
                read(path("beside.json"))["model"].toObject()["name"].toString());
        const QString pictures = qEnvironmentVariable("DEPTHSCOPE_TEST_PICTURES");
        if (!pictures.isEmpty()) {
            QFile::copy(path("trained.png"), QDir(pictures).filePath("real-trained.png"));
            QFile::copy(path("measured.png"), QDir(pictures).filePath("real-measured.png"));
        }
    }

    /// A clip is opened, stepped and sought with the keys of the window; its frame is exact.
    void stepsAndSeeksAClip() {
        const QString clip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");
        if (run(QStringLiteral("depthscope-cli"), {"video", "decode", clip, "--frames", "1"})
                .isEmpty()) {
            QSKIP("built without video");
        }
        const QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(name); };
        const auto press = [](const char* keys) { return QJsonObject{{"press", keys}}; };
        const QJsonObject wait{{"wait", "idle"}, {"seconds", 60}};
        const auto dump = [&](const char* name) {
            return QJsonObject{{"dump", "state"}, {"to", path(name)}};
        };
        const QJsonArray script{wait,
                                QJsonObject{{"open", clip}},
                                press("."),
                                press("."),
                                press("."),
                                press(","),
                                wait,
                                dump("stepped.json"),
                                QJsonObject{{"set", "clip.frame"}, {"to", 137}},
                                wait,
                                dump("sought.json"),
                                QJsonObject{{"set", "clip.zoom"}, {"to", "1600 %"}},
                                QJsonObject{{"picture", path("clip.png")}},
                                press("End"),
                                wait,
                                dump("last.json")};
        QFile file(path("script.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(script).toJson());
        file.close();
        run(QStringLiteral("depthscope"), {"--model", kModel, "--script", file.fileName()});
        const auto frameIn = [&](const char* name) {
            return read(path(name))["clip"].toObject()["frame"].toInt(-1);
        };
        QCOMPARE(frameIn("stepped.json"), 2);
        QCOMPARE(frameIn("sought.json"), 137);
        QCOMPARE(frameIn("last.json"), 199);
        QVERIFY(read(path("sought.json"))["clip"].toObject()["exact"].toBool());
        QVERIFY(QFile::exists(path("clip.png")));
    }

    /// A video as FILE: it is shown, and the prompt still goes through the model.
    void aVideoAsFileLeavesThePromptUsable() {
        const QString clip = QStringLiteral(DEPTHSCOPE_SOURCE_DIR "/resources/clips/counting.mp4");
        if (run(QStringLiteral("depthscope-cli"), {"video", "decode", clip, "--frames", "1"})
                .isEmpty()) {
            QSKIP("built without video");
        }
        const QTemporaryDir folder;
        const QJsonObject wait{{"wait", "idle"}, {"seconds", 60}};
        const QJsonArray script{
            wait, QJsonObject{{"text", kText}}, wait,
            QJsonObject{{"dump", "state"}, {"to", folder.filePath("state.json")}}};
        QFile file(folder.filePath("script.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(script).toJson());
        file.close();
        run(QStringLiteral("depthscope"), {"--model", kModel, "--script", file.fileName(), clip});
        const QJsonObject state = read(folder.filePath("state.json"));
        QCOMPARE(state["clip"].toObject()["frame"].toInt(-1), 0);
        QVERIFY(state["clip"].toObject()["exact"].toBool());
        QVERIFY(state["tokens"].toArray().size() > 3);
    }

    void windowAndCommandLineAgree() {
        const QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(name); };
        const QJsonObject wait{{"wait", "idle"}, {"seconds", 60}};
        const auto dump = [&](const char* name) {
            return QJsonObject{{"dump", "state"}, {"to", path(name)}};
        };
        const QJsonArray script{wait,
                                QJsonObject{{"text", kText}},
                                wait,
                                dump("trained.json"),
                                QJsonObject{{"set", "capacity.2"}, {"to", 0.5}},
                                wait,
                                dump("half.json"),
                                QJsonObject{{"save", path("half.depthscope")}},
                                QJsonObject{{"action", "edit.undo"}},
                                wait,
                                dump("undone.json"),
                                QJsonObject{{"set", "tokens"}, {"to", 12}},
                                QJsonObject{{"action", "run.generate"}},
                                wait,
                                dump("generated.json"),
                                QJsonObject{{"open", path("half.depthscope")}},
                                wait,
                                dump("replayed.json")};
        QFile file(path("script.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QJsonDocument(script).toJson());
        file.close();
        run(QStringLiteral("depthscope"), {"--model", kModel, "--script", file.fileName()});

        const QJsonObject trained = read(path("trained.json"));
        QVERIFY(!trained.isEmpty());
        QCOMPARE(trained["depth"].toArray(), commandLine({})["depth"].toArray());
        const QJsonObject half = read(path("half.json"));
        const QJsonObject wanted = commandLine({"--capacity", "1,1/2,1/3"});
        QCOMPARE(half["depth"].toArray(), wanted["depth"].toArray());
        QCOMPARE(half["tokens"].toArray(), wanted["tokens"].toArray());
        QVERIFY(half["depth"].toArray() != trained["depth"].toArray());
        QCOMPARE(half["off_distribution"].toBool(), true);
        QCOMPARE(read(path("undone.json"))["depth"].toArray(), trained["depth"].toArray());
        const QJsonObject generated = read(path("generated.json"));
        QCOMPARE(generated["tokens"].toArray().size(), trained["tokens"].toArray().size() + 12);
        QCOMPARE(generated["causal"].toBool(), true);
        const QJsonObject replayed = read(path("replayed.json"));
        QCOMPARE(replayed["source"].toString(), QStringLiteral("recorded"));
        QCOMPARE(replayed["depth"].toArray(), half["depth"].toArray());
        QCOMPARE(replayed["scores"].toArray(), half["scores"].toArray());
    }
};

QTEST_GUILESS_MAIN(TestRealWindow)
#include "tst_real_window.moc"
