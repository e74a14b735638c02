// SPDX-License-Identifier: MIT
// The quantile against the usual table.
#include "engine/base/student.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace depthscope;

class TestStudent : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void agreesWithTheTable_data() {
        QTest::addColumn<double>("freedom");
        QTest::addColumn<double>("expected");
        QTest::newRow("4") << 4.0 << 2.776445;
        QTest::newRow("5") << 5.0 << 2.570582;
        QTest::newRow("9") << 9.0 << 2.262157;
        QTest::newRow("30") << 30.0 << 2.042272;
        QTest::newRow("100") << 100.0 << 1.983972;
        QTest::newRow("infinite") << std::numeric_limits<double>::infinity() << 1.959964;
    }

    /// The expansion's own error is largest for the fewest degrees of freedom: 0.03 % for 4.
    void agreesWithTheTable() {
        QFETCH(double, freedom);
        QFETCH(double, expected);
        QVERIFY(std::abs(studentQuantile(freedom) / expected - 1) < 5e-4);
    }

    void fallsWithTheDegreesOfFreedom() {
        double before = studentQuantile(4);
        for (double freedom = 4.5; freedom < 60; freedom += 0.5) {
            const double now = studentQuantile(freedom);
            QVERIFY(now < before);
            before = now;
        }
    }
};

QTEST_APPLESS_MAIN(TestStudent)
#include "tst_student.moc"
