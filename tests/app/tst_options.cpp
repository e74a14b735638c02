// SPDX-License-Identifier: MIT
#include "app/desktop/options.h"
#include "engine/base/error.h"

#include <QTest>

using namespace depthscope;
using desktop::Options;
using desktop::parseOptions;

class TestOptions : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void readsAll() {
        const Options options = parseOptions(
            {"depthscope", "run.depthscope", "--model", "demo-vanilla", "--size", "1100x700",
             "--export", "panel.depth=a=b.svg", "--export-width", "85", "--export-title", "",
             "--exit-after", "1.5", "--theme", "dark", "--threads", "2"});
        QCOMPARE(options.file, QStringLiteral("run.depthscope"));
        QCOMPARE(options.model, QStringLiteral("demo-vanilla"));
        QCOMPARE(options.size, QSize(1100, 700));
        QCOMPARE(options.exports.size(), std::size_t{1});
        QCOMPARE(options.exports[0].second, QStringLiteral("a=b.svg"));
        QCOMPARE(options.figure.width, 85.0);
        QCOMPARE(options.figure.title, std::optional(QString()));
        QVERIFY(!options.figure.caption);
        QCOMPARE(options.exitAfter, 1.5);
        QVERIFY(options.theme == panels::ThemeChoice::Dark);
        QCOMPARE(options.threads, 2);
        QVERIFY(options.isolated());
        QVERIFY(!parseOptions({"depthscope"}).isolated());
    }

    /// The welcome stays away where the command line says what to show.
    void saysWhatItOpens() {
        QVERIFY(!parseOptions({"depthscope"}).opensSomething());
        QVERIFY(!parseOptions({"depthscope", "--theme", "dark"}).opensSomething());
        for (const QStringList& words :
             {QStringList{"text.txt"}, QStringList{"--model", "demo-vanilla"},
              QStringList{"--demo"}, QStringList{"--script", "s.json"},
              QStringList{"--screenshot", "p.png"}, QStringList{"--list"},
              QStringList{"--bench", "window"}, QStringList{"--export", "panel.depth=a.svg"}}) {
            QVERIFY2(parseOptions(QStringList{"depthscope"} + words).opensSomething(),
                     qPrintable(words.first()));
        }
    }

    /// The user's session at an ordinary start, a named one beside a script, else none.
    void saysWhichSession() {
        const auto parsed = [](const QStringList& words) {
            return parseOptions(QStringList{QStringLiteral("depthscope")} + words);
        };
        QVERIFY(parsed({}).comesBack() && parsed({}).keepsSession());
        QVERIFY(parsed({"--session", "s.json"}).comesBack());
        QCOMPARE(parsed({"--session", "s.json"}).session, QStringLiteral("s.json"));
        const QStringList script{"--script", "a.json"};
        QVERIFY(!parsed(script).comesBack() && !parsed(script).keepsSession());
        const Options named = parsed(script + QStringList{"--session", "s.json"});
        QVERIFY(named.comesBack() && named.keepsSession() && named.isolated());
        QVERIFY(parsed({"--new"}).opensSomething());
        for (const QStringList& words :
             {QStringList{"--new"}, QStringList{"text.txt"}, QStringList{"--model", "m"}}) {
            QVERIFY2(!parsed(words).comesBack() && parsed(words).keepsSession(),
                     qPrintable(words.first()));
        }
        QVERIFY(!parsed({"--demo"}).comesBack() && !parsed({"--demo"}).keepsSession());
        QVERIFY(!parsed({"--list"}).keepsSession());
    }

    void refuses_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("unknown") << QStringList{"--frobnicate"};
        QTest::newRow("two files") << QStringList{"a", "b"};
        QTest::newRow("size") << QStringList{"--size", "big"};
        QTest::newRow("tiny") << QStringList{"--size", "3x3"};
        QTest::newRow("export") << QStringList{"--export", "panel.depth"};
        QTest::newRow("export-scale") << QStringList{"--export-scale", "9"};
        QTest::newRow("export-ground") << QStringList{"--export-ground", "pink"};
        QTest::newRow("exit") << QStringList{"--exit-after", "soon"};
        QTest::newRow("theme") << QStringList{"--theme", "pink"};
        QTest::newRow("bench") << QStringList{"--bench", "chair"};
        QTest::newRow("threads") << QStringList{"--threads", "0"};
    }

    void refuses() {
        QFETCH(QStringList, arguments);
        try {
            static_cast<void>(parseOptions(QStringList{QStringLiteral("depthscope")} + arguments));
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QCOMPARE(exitCode(error.code()), 2);
        }
    }
};

QTEST_GUILESS_MAIN(TestOptions)
#include "tst_options.moc"
