// SPDX-License-Identifier: MIT
#include "app/desktop/script.h"
#include "engine/base/error.h"

#include <QTest>

using namespace depthscope;
using desktop::parseScript;
using desktop::Step;

class TestScript : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void readsEveryKindOfStep() {
        const std::vector<Step> steps = parseScript(R"([
            {"set": "capacity.2", "to": 0.5}, {"text": "abc"}, {"press": "Ctrl+Return"},
            {"click": "panel.depth", "at": [3, 1]}, {"action": "run.stop"}, {"wait": "idle", "seconds": 2},
            {"picture": "a.png"}, {"export": "panel.depth", "to": "a.svg", "width": 85, "ground": "white"}, {"dump": "state", "to": "s.json"},
            {"open": "f"}, {"save": "f.depthscope"}, {"model": "demo-vanilla"}])",
                                                    QStringLiteral("s.json"));
        QCOMPARE(steps.size(), std::size_t{12});
        QCOMPARE(steps[0].to.toDouble(), 0.5);
        QCOMPARE(steps[3].column, 3);
        QCOMPARE(steps[3].row, 1);
        QCOMPARE(steps[5].seconds, 2.0);
        QVERIFY(steps[11].kind == Step::Kind::Model);
    }

    void refusesBadScripts_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("names");
        const auto row = [](const char* name, const char* json, const char* names) {
            QTest::newRow(name) << QByteArray(json) << QString::fromLatin1(names);
        };
        row("no JSON", "[{", "s.json");
        row("no list", R"({"text": "a"})", "must be a list");
        row("no object", R"(["text"])", "step 0");
        row("unknown key", R"([{"text": "a"}, {"tekst": "a"}])", "step 1: unknown key \"tekst\"");
        row("unknown extra", R"([{"text": "a", "to": 1}])", "unknown key \"to\"");
        row("two steps in one", R"([{"text": "a", "press": "x"}])", "both");
        row("empty step", "[{}]", "empty");
        row("no text", R"([{"text": 3}])", "must be a string");
        row("to missing", R"([{"set": "tau"}])", "\"to\" is missing");
        row("to is a list", R"([{"set": "tau", "to": [1]}])", "\"to\"");
        row("figure", R"([{"export": "panel.kv", "to": "a.svg", "scale": 7}])", "scale");
        row("figure elsewhere", R"([{"picture": "a.png", "scale": 2}])", "scale");
        row("file is a number", R"([{"export": "panel.kv", "to": 3}])", "file name");
        row("bad cell", R"([{"click": "panel.depth", "at": [1]}])", "\"at\"");
        row("negative time", R"([{"wait": "idle", "seconds": -1}])", "\"seconds\"");
        row("wait for what", R"([{"wait": "godot"}])", "\"wait\"");
        row("dump what", R"([{"dump": "core", "to": "x"}])", "\"dump\"");
    }

    void refusesBadScripts() {
        QFETCH(QByteArray, json);
        QFETCH(QString, names);
        try {
            static_cast<void>(parseScript(json, QStringLiteral("s.json")));
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(exitCode(error.code()), 2);
            const QString message = QString::fromStdString(error.message());
            QVERIFY2(message.contains(names), qPrintable(message));
        }
    }

    void missingFileIsUsage() {
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(desktop::readScript(QStringLiteral("/nowhere.json"))), Error);
    }
};

QTEST_APPLESS_MAIN(TestScript)
#include "tst_script.moc"
