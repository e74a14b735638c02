// SPDX-License-Identifier: MIT
#include "engine/trace/layout.h"

#include <QTest>
#include <limits>

using namespace depthscope::trace;

class TestLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void positions_data() {
        QTest::addColumn<int>("frames");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::newRow("text") << 1 << 1 << 7;
        QTest::newRow("image") << 1 << 3 << 4;
        QTest::newRow("column") << 1 << 5 << 1;
        QTest::newRow("clip") << 3 << 2 << 5;
        QTest::newRow("signal over time") << 4 << 1 << 3;
    }

    /// Frames, then rows, then columns.
    void positions() {
        QFETCH(int, frames);
        QFETCH(int, rows);
        QFETCH(int, columns);
        const Layout layout{frames, rows, columns};
        std::int64_t place = 0;
        for (int frame = 0; frame < frames; ++frame) {
            for (int row = 0; row < rows; ++row) {
                for (int column = 0; column < columns; ++column) {
                    const PlacePosition at = positionOf(layout, place++);
                    QCOMPARE(at.frame, frame);
                    QCOMPARE(at.row, row);
                    QCOMPARE(at.column, column);
                }
            }
        }
        QCOMPARE(layout.places(), place);
        QCOMPARE(layout.isGrid(), frames * rows > 1);
    }

    void largeLayouts() {
        constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
        const Layout layout{2, kMost, kMost};
        const std::int64_t frame = std::int64_t{kMost} * kMost;
        QCOMPARE(layout.places(), 2 * frame);
        const PlacePosition last = positionOf(layout, 2 * frame - 1);
        QCOMPARE(last.frame, 1);
        QCOMPARE(last.row, kMost - 1);
        QCOMPARE(last.column, kMost - 1);
    }

    void nowhere() {
        QCOMPARE(Layout{}.places(), std::int64_t{0});
        QVERIFY(!Layout{}.isGrid());
    }
};

QTEST_APPLESS_MAIN(TestLayout)
#include "tst_layout.moc"
