// SPDX-License-Identifier: MIT
// Places never overlap and never leave the page.
#include "widgets/host/shelf_packer.h"

#include <QRandomGenerator>
#include <QRect>
#include <QTest>

using depthscope::host::ShelfPacker;

class TestShelfPacker : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void placesDoNotOverlap();
    void linesOfTextFillThePage();
    void refusesWhatDoesNotFit();
};

void TestShelfPacker::placesDoNotOverlap() {
    QRandomGenerator random(7);
    ShelfPacker packer(256, 256);
    QList<QRect> placed;
    for (int i = 0; i < 300; ++i) {
        const int width = random.bounded(1, 90);
        const int height = random.bounded(8, 40);
        const auto place = packer.place(width, height);
        if (!place) {
            continue;
        }
        const QRect rect(place->x, place->y, width, height);
        QVERIFY(QRect(0, 0, 256, 256).contains(rect));
        for (const QRect& other : placed) {
            QVERIFY(!other.intersects(rect));
        }
        placed.append(rect);
    }
    QVERIFY(placed.size() > 20);
}

void TestShelfPacker::linesOfTextFillThePage() {
    ShelfPacker packer(1024, 1024);
    int placed = 0;
    while (packer.place(60, 20)) {
        ++placed;
    }
    QCOMPARE(placed, (1024 / 60) * (1024 / 20));
}

void TestShelfPacker::refusesWhatDoesNotFit() {
    ShelfPacker packer(100, 100);
    QVERIFY(!packer.place(101, 10));
    QVERIFY(!packer.place(10, 101));
    QVERIFY(!packer.place(0, 10));
    QVERIFY(packer.place(100, 100));
    QVERIFY(!packer.place(1, 1));
}

QTEST_APPLESS_MAIN(TestShelfPacker)
#include "tst_shelf_packer.moc"
