// SPDX-License-Identifier: MIT
// Which of two kinds of work comes next, and what is said of their times.
#include "engine/session/turns.h"

#include <QtTest/QtTest>

#include <cmath>

using depthscope::session::Turns;

class TestTurns : public QObject {
    Q_OBJECT

private Q_SLOTS:

    /// Neither always follows the other.
    void order() {
        Turns turns;
        QByteArray order;
        for (int run = 0; run < 8; ++run) {
            order += turns.next() == Turns::kReference ? 'f' : 'r';
            turns.add(1);
        }
        QCOMPARE(order, QByteArray("frrffrrf"));
        QCOMPARE(turns.rounds(), 4);
    }

    void enoughAfterNineRoundsOrASecondWithFour() {
        Turns fast, slow, slowest;
        for (int run = 0; run < 18; ++run) {
            QVERIFY(!fast.isEnough());
            fast.add(1);
        }
        QVERIFY(fast.isEnough());
        for (int run = 0; run < 8; ++run) {
            QVERIFY(!slow.isEnough());
            slow.add(slow.next() == Turns::kReference ? 1200 : 600);
        }
        QVERIFY(slow.isEnough());
        QCOMPARE(slow.median(Turns::kReference), 1200.0);
        QCOMPARE(slow.median(Turns::kRouted), 600.0);
        QVERIFY(!std::isnan(slow.spread()));
        slowest.add(8000);
        QVERIFY(!slowest.isEnough());
        slowest.add(4000);
        QVERIFY(slowest.isEnough());
        QVERIFY(std::isnan(slowest.spread()));
    }

    /// Half the distance of the quartiles of the ratios, in percent.
    void spread() {
        Turns turns;
        const double shares[] = {0.5, 0.6, 0.7, 0.8, 0.9};
        for (const double share : shares) {
            for (int half = 0; half < 2; ++half) {
                turns.add(turns.next() == Turns::kReference ? 10 : 10 * share);
            }
        }
        QCOMPARE(turns.rounds(), 5);
        QVERIFY(std::abs(turns.spread() - 10.0F) < 1e-4F);
    }
};

QTEST_APPLESS_MAIN(TestTurns)
#include "tst_turns.moc"
