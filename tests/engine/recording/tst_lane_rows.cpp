// SPDX-License-Identifier: MIT
// Lanes and times of stages from strangers: each fault is refused with an Error that names the file
// and what is wrong.
#include "engine/recording/save.h"
#include "tests/engine/recording/hostile_file.h"
#include "tests/engine/recording/random_trace.h"
#include "tests/engine/recording/some_lanes.h"

#include <QTemporaryDir>
#include <QTest>

using namespace depthscope;
using namespace depthscope::recording;
using namespace depthscope::tests;

class TestLaneRows : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QByteArray m_sound;

    [[nodiscard]] QString file() const { return m_folder.filePath("lanes.depthscope"); }

    void verifyIsRefused() const { verifyChangeRefused(m_sound, file()); }

private Q_SLOTS:

    void initTestCase() {
        RandomTrace random(5);
        saveRecording(file().toStdString(), random.run(1, trace::kMainRun, 3, 8), {}, {},
                      {{}, someLanes()});
        m_sound = bytesOfFile(file());
        QCOMPARE(errorInReading(file()), std::string());
    }

    /// A program that knows no lanes passes their table over: it stands beside the others.
    void otherTablesAreAsBefore() {
        writeChangedBy("DROP TABLE lanes", m_sound, file());
        QCOMPARE(errorInReading(file()), std::string());
        QVERIFY(!readRecording(file().toStdString()).lanes);
    }

    void lanes_data() {
        addColumns();
        // The first number of a span is its kind, the second its recursion; a number has 8 bytes.
        const char* kNan = "x'000000000000F87F'";
        const auto put = [](int number, const char* bytes) {
            return QByteArray("UPDATE lanes SET spans = CAST(substr(spans, 1, ") +
                   QByteArray::number(8 * number) + ") || " + bytes + " || substr(spans, " +
                   QByteArray::number(8 * number + 9) + ") AS BLOB)";
        };
        const char* kHuge = "x'0000000000006940'"; // 200
        row("lanes of another shape", "DROP TABLE lanes; CREATE TABLE lanes(figures, spans, costs)",
            "lanes");
        row("odd spans", "UPDATE lanes SET spans = x'0102'", "spans");
        row("a part of a span", "UPDATE lanes SET spans = zeroblob(88)", "wrong size");
        row("too many spans", "UPDATE lanes SET spans = zeroblob(400000)", "wrong size");
        row("endless costs", "UPDATE lanes SET costs = zeroblob(1600000)", "costs");
        row("figures no JSON", "UPDATE lanes SET figures = '{'", "lanes");
        row("no rows", "UPDATE lanes SET figures = json_set(figures, '$.rows', 0)", "rows");
        row("far too many rows", "UPDATE lanes SET figures = json_set(figures, '$.rows', 100000)",
            "rows");
        row("recursions beyond all",
            "UPDATE lanes SET figures = json_set(figures, '$.recursions', "
            "1e6)",
            "recursions");
        row("time before the beginning",
            "UPDATE lanes SET figures = json_set(figures, '$.seconds', -1)", "lanes");
        QTest::newRow("lane of no kind") << put(0, kHuge) << QByteArray("must be an integer");
        QTest::newRow("lane of no recursion") << put(21, kHuge) << QByteArray("must be an integer");
        QTest::newRow("no start") << put(2, kNan) << QByteArray("span 0");
        QTest::newRow("spans out of order") << put(2, kHuge) << QByteArray("span 1");
        QTest::newRow("no tokens") << put(16, kNan) << QByteArray("must be an integer");
        QTest::newRow("more tokens than rows") << put(16, kHuge) << QByteArray("span 1");
    }

    void lanes() { verifyIsRefused(); }

    void stages_data() {
        addColumns();
        const auto put = [](const char* value) {
            return QByteArray("UPDATE routing SET figures = json_set(figures, '$.cost.stages', "
                              "json('") +
                   value + "')) WHERE step = 1";
        };
        QTest::newRow("a number") << put("7") << QByteArray("stages");
        QTest::newRow("of two") << put("[[1, 2]]") << QByteArray("stages");
        QTest::newRow("recursion 65") << put("[[65, 2, 1]]") << QByteArray("step row 1");
        QTest::newRow("tokens -1") << put("[[1, -2, 1]]") << QByteArray("step row 1");
        QTest::newRow("time -1") << put("[[1, 2, -1]]") << QByteArray("milliseconds");
    }

    void stages() { verifyIsRefused(); }
};

QTEST_APPLESS_MAIN(TestLaneRows)
#include "tst_lane_rows.moc"
