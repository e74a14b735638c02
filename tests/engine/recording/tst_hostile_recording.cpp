// SPDX-License-Identifier: MIT
// Files from strangers: foreign, cut, with flipped bits, with a schema or values of their author's
// choice. Each is read or refused with an Error that names the file; none crashes, none is written
// to.
#include "engine/base/error.h"
#include "engine/recording/reader.h"
#include "engine/recording/save.h"
#include "engine/recording/writer.h"
#include "tests/engine/recording/random_trace.h"

#include <sqlite3.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <random>
#include <stop_token>

using namespace depthscope;
using namespace depthscope::recording;
using tests::RandomTrace;

class TestHostileRecording : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QByteArray m_sound;

    [[nodiscard]] QString file() const { return m_folder.filePath("hostile.depthscope"); }

    void write(const QByteArray& content, const QString& path) const {
        QFile target(path);
        QVERIFY(target.open(QIODevice::WriteOnly));
        QCOMPARE(target.write(content), qint64(content.size()));
    }

    /// Sound content, changed by SQL as a stranger could.
    void writeChangedBy(const char* sql) const {
        write(m_sound, file());
        sqlite3* database = nullptr;
        QCOMPARE(sqlite3_open(file().toUtf8().constData(), &database), SQLITE_OK);
        char* message = nullptr;
        const int code = sqlite3_exec(database, sql, nullptr, nullptr, &message);
        const QByteArray reason(message);
        sqlite3_free(message);
        sqlite3_close(database);
        QVERIFY2(code == SQLITE_OK, reason.constData());
    }

    /// Empty where the file was read, else the fault. Fails the test for an error without file or
    /// hint.
    [[nodiscard]] std::string faultOfReading(const QString& path) const {
        try {
            (void)readRecording(path.toStdString());
            return {};
        } catch (const Error& fault) {
            if (fault.code() != ErrorCode::BadInput || fault.hint().empty() ||
                fault.message().find(path.toStdString()) == std::string::npos) {
                return "BAD ERROR: " + fault.message();
            }
            return fault.message();
        }
    }

private Q_SLOTS:

    void initTestCase() {
        // The first seed whose model has experts.
        std::vector<trace::StepPtr> steps;
        std::uint32_t seed = 0;
        RandomTrace random(seed);
        while (steps.empty() || steps[0]->experts.empty()) {
            random = RandomTrace(++seed);
            steps = random.run(1, trace::RunRole::Main, 6, 80);
        }
        saveRecording(file().toStdString(), steps, random.recipe(), {{"a", "b"}});
        QFile sound(file());
        QVERIFY(sound.open(QIODevice::ReadOnly));
        m_sound = sound.readAll();
    }

    void damagedFilesAreReadOrRefused_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 0; seed < 200; ++seed) {
            QTest::addRow("case %d", seed) << seed;
        }
    }

    void damagedFilesAreReadOrRefused() {
        QFETCH(int, seed);
        std::mt19937 random(static_cast<std::uint32_t>(seed));
        const auto below = [&](qsizetype limit) {
            return static_cast<qsizetype>(random() % static_cast<std::uint32_t>(limit));
        };
        QByteArray content = m_sound;
        if (seed % 3 == 0) {
            content.truncate(below(content.size()));
        } else {
            // Every third case aims at the first page, where header and schema stand.
            const qsizetype range = seed % 3 == 1 ? content.size() : qsizetype{4096};
            for (qsizetype flips = 1 + below(12); flips > 0; --flips) {
                const qsizetype at = below(range);
                content[at] = static_cast<char>(content[at] ^ (1 << below(8)));
            }
        }
        write(content, file());
        const std::string fault = faultOfReading(file());
        QVERIFY2(!fault.starts_with("BAD"), fault.c_str());
        QFile after(file());
        QVERIFY(after.open(QIODevice::ReadOnly));
        QCOMPARE(after.readAll(), content);
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files).size(), 1);
    }

    void damagedLogsAreReadOrRefused() {
        const QString path = m_folder.filePath("log.depthscope");
        RandomTrace random(2);
        Writer writer(path.toStdString(), {});
        for (const trace::StepPtr& step : random.run(1, trace::RunRole::Main, 5, 50)) {
            writer.add(*step);
        }
        QFile log(path + "-wal");
        QVERIFY(log.open(QIODevice::ReadOnly));
        const QByteArray sound = log.readAll();
        QFile main(path);
        QVERIFY(main.open(QIODevice::ReadOnly));
        const QByteArray mainContent = main.readAll();
        writer.close();
        QFile::remove(path);
        const QString copy = m_folder.filePath("copy.depthscope");
        for (int i = 0; i < 40; ++i) {
            QByteArray content = sound;
            const int at = random.below(static_cast<int>(content.size()));
            if (i % 2 == 0) {
                content.truncate(at);
            } else {
                content[at] = static_cast<char>(content[at] ^ 0x10);
            }
            write(mainContent, copy);
            write(content, copy + "-wal");
            const std::string fault = faultOfReading(copy);
            QVERIFY2(!fault.starts_with("BAD"), fault.c_str());
        }
        QFile::remove(copy);
        QFile::remove(copy + "-wal");
    }

    void foreignFilesAreNamed_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("To be, or not to be");
        QTest::newRow("long text") << QByteArray(100'000, 'x');
        QTest::newRow("header alone") << QByteArray("SQLite format 3\0", 16);
        QTest::newRow("png") << QByteArray("\x89PNG\r\n\x1a\n") + QByteArray(5000, '\0');
    }

    void foreignFilesAreNamed() {
        QFETCH(QByteArray, content);
        write(content, file());
        const std::string fault = faultOfReading(file());
        QVERIFY2(fault.find("not a Depthscope recording") != std::string::npos, fault.c_str());
    }

    void missingFileAndFolderAreRefused() {
        QVERIFY(faultOfReading(m_folder.filePath("missing.depthscope")).find("no such file") !=
                std::string::npos);
        QVERIFY(!faultOfReading(m_folder.path()).empty());
    }

    void stopEndsTheReading() {
        write(m_sound, file());
        std::stop_source source;
        source.request_stop();
        try {
            (void)readRecording(file().toStdString(), source.get_token());
            QFAIL("nothing was thrown");
        } catch (const Error& fault) {
            QCOMPARE(static_cast<int>(fault.code()), static_cast<int>(ErrorCode::Interrupted));
        }
    }

    void changedFilesAreRefused_data() {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<QByteArray>("names");
        const auto row = [](const char* name, const char* sql, const char* names) {
            QTest::newRow(name) << QByteArray(sql) << QByteArray(names);
        };
        row("other application", "PRAGMA application_id = 7", "not a Depthscope recording");
        row("newer format", "PRAGMA user_version = 2", "format 2");
        row("no table", "DROP TABLE layout", "layout");
        row("endless view",
            "DROP TABLE layout; CREATE VIEW layout(name, value) AS WITH RECURSIVE c(x) AS (SELECT "
            "1 UNION "
            "ALL SELECT x + 1 FROM c) SELECT x, x FROM c",
            "layout");
        row("generated column", "ALTER TABLE model ADD COLUMN more AS (zeroblob(500000000))",
            "model");
        row("virtual table",
            "DROP TABLE annotation; CREATE VIRTUAL TABLE annotation USING fts5(run, token, text)",
            "annotation");
        row("short depth", "UPDATE step SET depth = x'0101' WHERE number = 1", "depth");
        row("depth above R",
            "UPDATE step SET depth = CAST(replace(hex(zeroblob(length(depth))), '00', char(127)) "
            "AS "
            "BLOB)",
            "step row");
        row("odd array", "UPDATE step SET ids = x'010203' WHERE number = 2", "ids");
        row("text for blob", "UPDATE step SET scores = 'abc' WHERE number = 1", "scores");
        row("null-like number", "UPDATE step SET run = 'x' WHERE number = 1", "run");
        row("huge scores", "UPDATE step SET scores = zeroblob(40000000) WHERE number = 1",
            "scores");
        row("missing step", "DELETE FROM step WHERE number = 3", "step row 4");
        row("step twice", "UPDATE step SET step = 1 WHERE number = 3", "step row 3");
        row("role 9", "UPDATE step SET role = 9 WHERE number = 1", "role");
        row("kind -1", "UPDATE step SET kind = -1 WHERE number = 1", "kind");
        row("expert table of another shape",
            "DROP TABLE expert; CREATE TABLE expert(step, layer, experts, perToken, chosen, "
            "weights)",
            "expert");
        row("expert view",
            "DROP TABLE expert; CREATE VIEW expert AS SELECT 1 AS step, 2 AS layer, 3 AS experts",
            "expert");
        row("expert beyond E",
            "UPDATE expert SET chosen = CAST(replace(hex(zeroblob(length(chosen))), '00', "
            "char(127)) AS BLOB)",
            "experts of layer 0");
        row("no experts", "UPDATE expert SET experts = 0", "experts of layer 0");
        row("experts 70000", "UPDATE expert SET experts = 70000", "experts of step row 1");
        row("more chosen than there are", "UPDATE expert SET perToken = 6", "experts of layer 0");
        row("short choices", "UPDATE expert SET chosen = x'01'", "experts of layer 0");
        row("odd weights", "UPDATE expert SET weights = x'010203'", "experts of step row 1");
        row("weight no number",
            "UPDATE expert SET weights = CAST(replace(hex(zeroblob(length(weights))), '00', "
            "char(127)) AS BLOB)",
            "experts of layer 0");
        row("experts missing in one step", "DELETE FROM expert WHERE step = 3", "step row 3");
        row("expert layer -1", "UPDATE expert SET layer = -1 WHERE layer = 0", "experts of step");
        row("experts of the model -1", "UPDATE model SET info = json_set(info, '$.experts', -1)",
            "experts");
        row("unknown policy",
            "UPDATE model SET info = json_set(info, '$.kv_policies', json('[\"best\"]'))",
            "kv_policies");
        row("unknown rule of a model",
            "UPDATE model SET info = json_set(info, '$.pass_rules.standard', 'best')",
            "pass_rules");
        row("rules no object", "UPDATE model SET info = json_set(info, '$.generation_rules', 3)",
            "generation_rules");
        row("no such model", "UPDATE step SET model = 99", "model");
        row("meta no JSON", "UPDATE step SET meta = '{' WHERE number = 1", "step row 1");
        row("meta a list", "UPDATE step SET meta = '[]' WHERE number = 1", "object");
        row("deep JSON",
            "UPDATE recipe SET value = replace(hex(zeroblob(50000)), '00', '[') WHERE key = "
            "'settings'",
            "settings");
        row("deep sound JSON",
            "UPDATE recipe SET value = replace(hex(zeroblob(50000)), '00', '[') || "
            "replace(hex(zeroblob(50000)), '00', ']') WHERE key = 'settings'",
            "settings");
        row("recursions 65", "UPDATE step SET meta = json_set(meta, '$.recursions', 65)",
            "recursions");
        row("recursions a text", "UPDATE step SET meta = json_set(meta, '$.recursions', 'a')",
            "recursions");
        row("tau 7", "UPDATE step SET meta = json_set(meta, '$.routing.tau', 7)", "tau");
        row("unknown rule", "UPDATE step SET meta = json_set(meta, '$.routing.routing', 'best')",
            "routing");
        row("capacity above 1",
            "UPDATE step SET meta = json_set(meta, '$.routing.capacity', json('[[3,2]]'))",
            "capacity");
        row("capacity over 0",
            "UPDATE step SET meta = json_set(meta, '$.routing.capacity', json('[[1,0]]'))",
            "capacity");
        row("tokens differ", "UPDATE step SET meta = json_set(meta, '$.tokens', 5000000)",
            "tokens");
        row("no kv", "UPDATE step SET meta = json_remove(meta, '$.kv')", "kv");
        row("model no object", "UPDATE model SET info = '3'", "model");
        row("model of 0 recursions", "UPDATE model SET info = json_set(info, '$.recursions', 0)",
            "recursions");
        row("class beyond prompt",
            "UPDATE recipe SET value = '[[0,900000,1]]' WHERE key = 'classes'", "recipe");
        row("settings wrong",
            "UPDATE recipe SET value = json_set(value, '$.temperature', -1) WHERE key = 'settings'",
            "temperature");
        row("prompt a number", "UPDATE recipe SET value = '7' WHERE key = 'prompt'", "prompt");
    }

    void changedFilesAreRefused() {
        QFETCH(QByteArray, sql);
        QFETCH(QByteArray, names);
        writeChangedBy(sql.constData());
        const std::string fault = faultOfReading(file());
        QVERIFY2(fault.find(names.toStdString()) != std::string::npos, fault.c_str());
        QVERIFY2(!fault.starts_with("BAD"), fault.c_str());
    }

    void recordingsOfBeforeTheExpertsAreRead() {
        writeChangedBy("DROP TABLE expert; UPDATE model SET info = json_set(json_remove(info, "
                       "'$.experts', '$.experts_per_token', '$.kv_policies', '$.pass_rules', "
                       "'$.generation_rules'), '$.router', 1)");
        QCOMPARE(faultOfReading(file()), std::string());
        const Recording read = readRecording(file().toStdString());
        QVERIFY(!read.steps.empty());
        QVERIFY(read.steps[0]->experts.empty());
        QCOMPARE(read.steps[0]->model->experts, 0);
        QVERIFY(read.steps[0]->model->kvPolicies.empty());
        QVERIFY(read.steps[0]->model->passRules.standard == settings::Rule::TopK);
    }

    void harmlessAdditionsAreRead() {
        writeChangedBy(
            "CREATE TABLE frame(id INTEGER PRIMARY KEY); INSERT INTO recipe VALUES('later', '{}')");
        QCOMPARE(faultOfReading(file()), std::string());
    }
};

QTEST_APPLESS_MAIN(TestHostileRecording)
#include "tst_hostile_recording.moc"
