// SPDX-License-Identifier: MIT
// A session, there and back through its file, and what is said of a file that is damaged, too
// large, or of another version.
#include "engine/base/error.h"
#include "engine/trace/graded_classes.h"
#include "widgets/panels/session_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;
using panels::parseSession;
using panels::readSession;
using panels::Session;

namespace {

Session sample() {
    Session session;
    session.model = QStringLiteral("/models/über/mine");
    session.recording = QStringLiteral("/runs/a.depthscope");
    session.view.software = QStringLiteral("Depthscope 1.2");
    session.view.model = QStringLiteral("mine");
    session.view.prompt.text = "a \xC3\xA4\xE4\xBB\x8A \"c\"\n\xF0\x9F\x90\x88";
    session.view.prompt.classes.set = trace::gradedClasses();
    session.view.prompt.classes.ranges = {{0, 2, 3}};
    session.view.settings.routing.rule = settings::Rule::Threshold;
    session.view.settings.routing.capacity = settings::parseCapacity("1,2/3,1/3");
    session.view.settings.routing.tau = 0.1 + 0.2;
    session.view.settings.generation.seed = 9'007'199'254'740'991 / 2;
    session.view.settings.video.clip = 41;
    session.view.cursor.pinnedPlace = 7;
    session.view.cursor.pinnedRecursion = 1;
    session.view.hasView = true;
    session.training.preset = "tiny-mor-expert";
    session.training.outFolder = "/trained/it";
    session.training.textFile = "/texts/a.txt";
    session.training.corpus = "graded";
    session.training.steps = 900;
    session.training.recipe = {{"learning_rate", "0.5"}, {"alpha", "0.2"}};
    session.trainingStopped = true;
    session.choices[QStringLiteral("measure.regret")] = QStringLiteral("12");
    session.references[QStringLiteral("/models/mine")] = QStringLiteral("/models/other");
    return session;
}

void compare(const Session& read, const Session& written) {
    QCOMPARE(read.model, written.model);
    QCOMPARE(read.recording, written.recording);
    QVERIFY(read.view == written.view);
    QCOMPARE(read.training.preset, written.training.preset);
    QCOMPARE(read.training.outFolder, written.training.outFolder);
    QCOMPARE(read.training.textFile, written.training.textFile);
    QCOMPARE(read.training.corpus, written.training.corpus);
    QCOMPARE(read.training.steps, written.training.steps);
    QVERIFY(read.training.recipe == written.training.recipe);
    QCOMPARE(read.trainingStopped, written.trainingStopped);
    QVERIFY(read.choices == written.choices);
    QVERIFY(read.references == written.references);
}

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void put(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

} // namespace

class TestSessionFile : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void comesBackWhole() {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("made/on the way/session.json"));
        panels::writeSession(file, toJson(sample()));
        compare(readSession(file), sample());
        panels::writeSession(file, toJson(Session())); // replaces it
        QVERIFY(readSession(file).model.isEmpty());
    }

    void bytesThatAreNoText() {
        Session session = sample();
        session.view.prompt = {std::string("\xFF\x00 \xE4", 4), {}, {}};
        compare(parseSession(toJson(session), QStringLiteral("s")), session);
    }

    void damageIsNamed_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const char* json, const char* words) {
            QTest::newRow(name) << QByteArray(json).replace('\'', '"') << QByteArray(words);
        };
        row("cut off", "{'session': 1, 'model': 'a", "s.json: is cut off or not valid JSON");
        row("empty", "", "not valid JSON");
        row("a list", "[1]", "s.json: must be an object");
        row("no version", "{}", "s.json: session is missing");
        row("newer", "{'session': 2}", "s.json: session must be 1");
        row("model", "{'session': 1, 'model': 7}", "s.json: model must be a string");
        row("view", "{'session': 1, 'view': []}", "s.json: view must be an object");
        row("tau", "{'session': 1, 'view': {'settings': {'tau': 7}}}",
            "s.json: view.settings.tau must be a number from 0 to 1");
        row("count", "{'session': 1, 'view': {'settings': {'tokens': 'many'}}}",
            "s.json: view.settings.tokens must be a number");
        row("rule", "{'session': 1, 'view': {'settings': {'routing': 'best'}}}",
            "s.json: view.settings.routing must be");
        row("pin", "{'session': 1, 'view': {'cursor': {'place': -1}}}",
            "s.json: view.cursor.place must be");
        row("ids", "{'session': 1, 'view': {'prompt': {'ids': [1, '2']}}}",
            "s.json: view.prompt.ids[1] must be an integer");
        row("steps", "{'session': 1, 'training': {'steps': 1e30}}",
            "s.json: training.steps must be");
        row("change", "{'session': 1, 'training': {'changes': [{'name': 'a'}]}}",
            "s.json: training.changes[0].value is missing");
        row("stopped", "{'session': 1, 'training_stopped': 'yes'}",
            "s.json: training_stopped must be true or false");
        row("choices", "{'session': 1, 'choices': {'a': 1}}", "s.json: choices.a must be a string");
    }

    void damageIsNamed() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, words);
        try {
            static_cast<void>(parseSession(json, QStringLiteral("s.json")));
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::BadInput);
            QVERIFY2(error.message().find(words.toStdString()) != std::string::npos, error.what());
            QVERIFY(!error.hint().empty());
        }
    }

    void hostileSizes_data() {
        QTest::addColumn<QByteArray>("json");
        const QByteArray begin = "{\"session\": 1, ";
        QTest::newRow("too large") << begin + "\"model\": \"" + QByteArray(20 << 20, 'a') + "\"}";
        QTest::newRow("too deep") << begin + "\"view\": " + QByteArray(1 << 17, '[');
        QByteArray choices = begin + "\"choices\": {";
        for (int i = 0; i < 2000; ++i) {
            choices += (i > 0 ? ", \"" : "\"") + QByteArray::number(i) + "\": \"\"";
        }
        QTest::newRow("too many") << choices + "}}";
    }

    void hostileSizes() {
        QFETCH(QByteArray, json);
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("session.json"));
        put(file, json);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(readSession(file)), Error);
    }

    /// Each damaged file has a name of its own.
    void damagedFilesAreKept() {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("session.json"));
        QStringList kept;
        for (const char* bytes : {"one", "two"}) {
            put(file, bytes);
            kept << panels::setAside(file);
            QVERIFY(!QFile::exists(file));
            QCOMPARE(bytesOf(kept.back()), QByteArray(bytes));
        }
        QVERIFY(kept.front() != kept.back());
        QCOMPARE(bytesOf(kept.front()), QByteArray("one"));
    }

    void whatCannotBeWrittenIsSaid() {
        const QTemporaryDir folder;
        put(folder.filePath(QStringLiteral("file")), "x");
        const QString inside = folder.filePath(QStringLiteral("file/session.json"));
        QVERIFY_EXCEPTION_THROWN(panels::writeSession(inside, "{}"), Error);
    }
};

QTEST_APPLESS_MAIN(TestSessionFile)
#include "tst_session_file.moc"
