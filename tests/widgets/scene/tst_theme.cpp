// SPDX-License-Identifier: MIT
// The promises of the visual language, measured: contrast of text and marks, steps of the KV hue,
// zoom.
#include "widgets/scene/color_map.h"
#include "widgets/scene/theme.h"

#include <QTest>

using namespace depthscope::scene;

class TestTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void contrast_data();
    void contrast();
    void surfacesAreNearWhiteAndNearBlack();
    void kvStepsGrowStronger_data();
    void kvStepsGrowStronger();
    void zoomScalesSizes();
};

Q_DECLARE_METATYPE(depthscope::scene::Theme)

void TestTheme::contrast_data() {
    QTest::addColumn<Theme>("theme");
    QTest::newRow("light") << lightTheme();
    QTest::newRow("dark") << darkTheme();
}

void TestTheme::contrast() {
    QFETCH(Theme, theme);
    for (const Color ground : {theme.surface, theme.raised}) {
        for (const Color text : {theme.text, theme.muted}) {
            QVERIFY(depthscope::scene::contrast(text, ground) >= 4.5F);
        }
        for (const Color mark : {theme.accent, theme.warning, theme.error}) {
            QVERIFY(depthscope::scene::contrast(mark, ground) >= 4.5F);
        }
        // Quiet: visible, but no mark.
        QVERIFY(depthscope::scene::contrast(theme.hairline, ground) < 2.0F);
        QVERIFY(depthscope::scene::contrast(theme.hairline, ground) > 1.2F);
    }
    for (const float end : {-1.0F, 1.0F}) {
        QVERIFY(depthscope::scene::contrast(blueOrange(end, theme.absent), theme.surface) >= 3.0F);
    }
}

void TestTheme::surfacesAreNearWhiteAndNearBlack() {
    const Color black{0, 0, 0};
    const Color white{255, 255, 255};
    QVERIFY(depthscope::scene::contrast(lightTheme().surface, white) < 1.1F);
    QVERIFY(depthscope::scene::contrast(darkTheme().surface, black) < 1.3F);
    QVERIFY(!(darkTheme().surface == black));
}

void TestTheme::kvStepsGrowStronger_data() {
    contrast_data();
}

void TestTheme::kvStepsGrowStronger() {
    QFETCH(Theme, theme);
    QCOMPARE(seriesColor(theme, 0, 3), theme.seriesBase);
    float last = 3.0F; // the weakest is a mark already
    for (int recursion = 0; recursion <= 3; ++recursion) {
        const float now =
            depthscope::scene::contrast(seriesColor(theme, recursion, 3), theme.surface);
        QVERIFY2(now >= last, qPrintable(QString::number(recursion)));
        last = now * 1.2F;
    }
    QCOMPARE(seriesColor(theme, 9, 3), seriesColor(theme, 3, 3));
    QCOMPARE(seriesColor(theme, 1, 0), theme.seriesBase);
}

void TestTheme::zoomScalesSizes() {
    QCOMPARE(lightTheme(2).fontSize, 26.0F);
    QCOMPARE(darkTheme(1.5F).grid, 12.0F);
    QCOMPARE(darkTheme(1000).zoom, 4.0F);
}

QTEST_APPLESS_MAIN(TestTheme)
#include "tst_theme.moc"
