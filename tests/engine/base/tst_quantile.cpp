// SPDX-License-Identifier: MIT
#include "engine/base/quantile.h"

#include <QtTest>
#include <cmath>

using depthscope::quantile;

class TestQuantile : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void nearestRank() {
        QCOMPARE(quantile({3, 1, 2}, 0.5), 2.0);
        QCOMPARE(quantile({4, 1, 3, 2}, 0.5), 3.0);
        QCOMPARE(quantile({3, 1, 2}, 0), 1.0);
        QCOMPARE(quantile({3, 1, 2}, 1), 3.0);
        QCOMPARE(quantile({7}, 0.99), 7.0);
        QVERIFY(std::isnan(quantile({}, 0.5)));
    }

    void sharesOfMany() {
        std::vector<double> values;
        for (int i = 100; i >= 0; --i) {
            values.push_back(i);
        }
        QCOMPARE(quantile(values, 0.99), 99.0);
        QCOMPARE(quantile(values, 0.25), 25.0);
    }
};

QTEST_APPLESS_MAIN(TestQuantile)
#include "tst_quantile.moc"
