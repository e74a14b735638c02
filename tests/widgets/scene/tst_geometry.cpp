// SPDX-License-Identifier: MIT
// Geometry shared by the painters: hatch strokes, cut segments, sharp lines, gaps in curves.
#include "widgets/scene/geometry.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace depthscope::scene;

class TestGeometry : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hatchStaysInsideAndJoins();
    void hatchIsBounded();
    void cutSegments_data();
    void cutSegments();
    void sharpLines_data();
    void sharpLines();
    void risingLines();
    void curvesHaveGaps();
};

void TestGeometry::hatchStaysInsideAndJoins() {
    const Rect all{0, 0, 200, 200};
    const Rect rect{13, 7, 40, 30};
    const auto lines = hatchLines({rect, {}, 5}, all);
    QVERIFY(lines.size() >= 8);
    for (const Segment& line : lines) {
        for (const Point p : {line.from, line.to}) {
            QVERIFY(p.x >= rect.x - 0.01F && p.x <= rect.right() + 0.01F);
            QVERIFY(p.y >= rect.y - 0.01F && p.y <= rect.bottom() + 0.01F);
        }
        // All on one lattice: another rectangle's strokes continue these.
        const float index = (line.from.x + line.from.y) / (5.0F * std::sqrt(2.0F));
        QVERIFY(std::abs(index - std::round(index)) < 0.01F);
    }
    QVERIFY(hatchLines({rect, {}, 5}, {100, 100, 10, 10}).empty());
}

void TestGeometry::hatchIsBounded() {
    const auto lines = hatchLines({{0, 0, 1e6F, 1e6F}, {}, 0.0001F}, {0, 0, 1000, 500});
    QVERIFY(lines.size() < 800);
}

void TestGeometry::cutSegments_data() {
    QTest::addColumn<float>("x1");
    QTest::addColumn<float>("x2");
    QTest::addColumn<float>("left");
    QTest::addColumn<float>("right");
    QTest::newRow("inside") << 12.0F << 18.0F << 12.0F << 18.0F;
    QTest::newRow("through") << 0.0F << 100.0F << 10.0F << 20.0F;
    QTest::newRow("backwards") << 100.0F << 15.0F << 20.0F << 15.0F;
    QTest::newRow("outside") << 30.0F << 100.0F << -1.0F << -1.0F;
}

void TestGeometry::cutSegments() {
    QFETCH(float, x1);
    QFETCH(float, x2);
    QFETCH(float, left);
    QFETCH(float, right);
    const auto part = cut({{x1, 15}, {x2, 15}}, {10, 10, 10, 10});
    QCOMPARE(part.has_value(), left >= 0);
    if (part) {
        QCOMPARE(part->from.x, left);
        QCOMPARE(part->to.x, right);
    }
    QVERIFY(!cut({{x1, 25}, {x2, 25}}, {10, 10, 10, 10}));
}

void TestGeometry::sharpLines_data() {
    QTest::addColumn<float>("y");
    QTest::addColumn<float>("width");
    QTest::addColumn<float>("ratio");
    QTest::addColumn<float>("top");
    QTest::addColumn<float>("height");
    QTest::newRow("hairline") << 10.0F << 1.0F << 1.0F << 10.0F << 1.0F;
    QTest::newRow("two pixels") << 10.0F << 2.0F << 1.0F << 9.0F << 2.0F;
    QTest::newRow("hairline, doubled") << 10.0F << 1.0F << 2.0F << 9.5F << 1.0F;
    QTest::newRow("thinner than a pixel") << 10.0F << 0.2F << 1.0F << 10.0F << 1.0F;
}

void TestGeometry::sharpLines() {
    QFETCH(float, y);
    QFETCH(float, width);
    QFETCH(float, ratio);
    QFETCH(float, top);
    QFETCH(float, height);
    const auto rect = sharpLine({{{2, y}, {20, y}}, {}, width}, ratio);
    QVERIFY(rect.has_value());
    QCOMPARE(*rect, (Rect{2, top, 18, height}));
    QVERIFY(!sharpLine({{{2, y}, {20, y + 1}}, {}, width}, ratio));
}

void TestGeometry::curvesHaveGaps() {
    const float none = std::numeric_limits<float>::quiet_NaN();
    Builder b({0, 0, 100, 100});
    b.polyline({{0, 1}, {1, 1}, {2, none}, {3, 1}, {4, none}, {5, 1}, {6, 2}, {7, 3}}, {});
    const Scene lines = b.take();
    QCOMPARE(lines.primitives.size(), std::size_t{2});
    QCOMPARE(std::get<Polyline>(lines.primitives[1].shape).points.size(), std::size_t{3});
    b.band({{0, 1}, {1, 1}, {2, 1}}, {5, 5, none}, {});
    const Scene bands = b.take();
    QCOMPARE(std::get<Band>(bands.primitives.at(0).shape).lowerY.size(), std::size_t{2});
}

void TestGeometry::risingLines() {
    const RisingLine line{{50, 20}, 40, 12};
    const Rect box = risingBox(line);
    QCOMPARE(box.y, 20.0F);
    // The four corners of the turned line touch the box.
    const float sine = std::sqrt(3.0F) / 2;
    QVERIFY(std::abs(box.x - (50 - 20)) < 1e-4F);
    QVERIFY(std::abs(box.right() - (50 + sine * 12)) < 1e-4F);
    QVERIFY(std::abs(box.bottom() - (20 + sine * 40 + 6)) < 1e-4F);
    const RisingLine back = risingIn(box);
    QVERIFY(std::abs(back.corner.x - 50) < 1e-3F && std::abs(back.length - 40) < 1e-3F &&
            std::abs(back.height - 12) < 1e-3F);
}

QTEST_APPLESS_MAIN(TestGeometry)
#include "tst_geometry.moc"
