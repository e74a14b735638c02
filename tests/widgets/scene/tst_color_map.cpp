// SPDX-License-Identifier: MIT
// Colour maps: known ends, monotone luminance, neutral middle.
#include "widgets/scene/color_map.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <set>

using namespace depthscope::scene;

class TestColorMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cividisKnownColours_data();
    void cividisKnownColours();
    void cividisGrowsLighter();
    void plumGrowsDarkerAndIsNoDepth();
    void blueOrangeIsNeutralInTheMiddle();
    void okabeItoWraps();
    void contrastKnownValues();
    void mixWeighsTheFirst();
};

namespace {

int distance(Color a, Color b) {
    return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

} // namespace

void TestColorMap::cividisKnownColours_data() {
    QTest::addColumn<float>("t");
    QTest::addColumn<int>("r");
    QTest::addColumn<int>("g");
    QTest::addColumn<int>("b");
    QTest::newRow("low") << 0.0F << 0 << 34 << 78;
    QTest::newRow("quarter") << 64.0F / 255.0F << 67 << 78 << 108;
    QTest::newRow("middle") << 128.0F / 255.0F << 125 << 124 << 120;
    QTest::newRow("three quarters") << 192.0F / 255.0F << 188 << 174 << 108;
    QTest::newRow("high") << 1.0F << 254 << 232 << 56;
    QTest::newRow("below") << -3.0F << 0 << 34 << 78;
    QTest::newRow("above") << 7.0F << 254 << 232 << 56;
    QTest::newRow("not a number") << std::numeric_limits<float>::quiet_NaN() << 0 << 34 << 78;
}

void TestColorMap::cividisKnownColours() {
    QFETCH(float, t);
    QFETCH(int, r);
    QFETCH(int, g);
    QFETCH(int, b);
    const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
    QVERIFY(distance(cividis(t), {byte(r), byte(g), byte(b)}) <= 2);
}

void TestColorMap::cividisGrowsLighter() {
    const Color black{0, 0, 0};
    float last = 0;
    for (int i = 0; i <= 255; ++i) {
        const float lightness = contrast(cividis(static_cast<float>(i) / 255.0F), black);
        QVERIFY2(lightness >= last,
                 qPrintable(QString::number(i))); // bytes: neighbours may be equal
        QVERIFY2(i % 4 != 0 || lightness > last * 1.005F || i == 0, qPrintable(QString::number(i)));
        last = i % 4 == 0 ? lightness : last;
    }
}

/// An eighth of a channel's range from each tone of cividis, so that no score is read as a depth.
void TestColorMap::plumGrowsDarkerAndIsNoDepth() {
    const Color white{255, 255, 255};
    float last = 1;
    for (int i = 0; i <= 100; ++i) {
        const Color score = plum(static_cast<float>(i) / 100);
        const float darkness = contrast(score, white);
        QVERIFY2(darkness > last, qPrintable(QString::number(i)));
        last = darkness;
        for (int j = 0; j <= 100; ++j) {
            const Color depth = cividis(static_cast<float>(j) / 100);
            QVERIFY2(distance(score, depth) >= 32,
                     qPrintable(QStringLiteral("%1 %2").arg(i).arg(j)));
        }
    }
    QCOMPARE(plum(-1), plum(0));
    QCOMPARE(plum(std::numeric_limits<float>::quiet_NaN()), plum(0));
}

void TestColorMap::blueOrangeIsNeutralInTheMiddle() {
    const Color neutral{240, 240, 238};
    QCOMPARE(blueOrange(0, neutral), neutral);
    QCOMPARE(blueOrange(-5, neutral), blueOrange(-1, neutral));
    const Color low = blueOrange(-1, neutral);
    const Color high = blueOrange(1, neutral);
    QVERIFY(low.b > low.r + 80);
    QVERIFY(high.r > high.b + 80);
    QVERIFY(contrast(blueOrange(-0.5F, neutral), neutral) < contrast(low, neutral));
}

void TestColorMap::okabeItoWraps() {
    std::set<std::tuple<int, int, int>> seen;
    for (int i = 0; i < 8; ++i) {
        const Color c = okabeIto(i);
        seen.insert({c.r, c.g, c.b});
        QCOMPARE(okabeIto(i + 8), c);
        QCOMPARE(okabeIto(i - 8), c);
    }
    QCOMPARE(seen.size(), std::size_t{8});
}

void TestColorMap::contrastKnownValues() {
    QVERIFY(std::abs(contrast({0, 0, 0}, {255, 255, 255}) - 21.0F) < 0.01F);
    QVERIFY(std::abs(contrast({9, 9, 9}, {9, 9, 9}) - 1.0F) < 0.001F);
    QVERIFY(std::abs(contrast({119, 119, 119}, {255, 255, 255}) - 4.48F) < 0.01F);
}

void TestColorMap::mixWeighsTheFirst() {
    const Color a{200, 100, 0, 255};
    const Color b{0, 0, 100, 55};
    QCOMPARE(mix(a, b, 1), a);
    QCOMPARE(mix(a, b, 0), b);
    QCOMPARE(mix(a, b, 0.5F), (Color{100, 50, 50, 155}));
}

QTEST_APPLESS_MAIN(TestColorMap)
#include "tst_color_map.moc"
