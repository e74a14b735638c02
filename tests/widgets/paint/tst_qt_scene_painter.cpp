// SPDX-License-Identifier: MIT
// Pixels of the Qt painter.
#include "tests/widgets/sample_scene.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QPainter>
#include <QTest>

using namespace depthscope;
using namespace depthscope::scene;

class TestQtScenePainter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void knownPixels_data();
    void knownPixels();
    void imagesAreNearest();
    void hairlinesAreOnePixel();
    void clipsCut();
    void textIsPlaced_data();
    void textIsPlaced();
    void painterStateIsKept();
};

namespace {

constexpr Color kWhite{255, 255, 255};
constexpr Color kBlack{0, 0, 0};

QRgb rgb(Color c) {
    return qRgb(c.r, c.g, c.b);
}

/// The bounding box of all that differs from white.
QRect inkOf(const QImage& image) {
    QRect ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixel(x, y) != rgb(kWhite)) {
                ink |= QRect(x, y, 1, 1);
            }
        }
    }
    return ink;
}

} // namespace

void TestQtScenePainter::knownPixels_data() {
    QTest::addColumn<double>("ratio");
    QTest::newRow("1") << 1.0;
    QTest::newRow("1.5") << 1.5;
    QTest::newRow("2") << 2.0;
}

void TestQtScenePainter::knownPixels() {
    QFETCH(double, ratio);
    const Theme theme = lightTheme();
    const QImage image = paint::qt::toImage(tests::sampleScene(theme), theme.surface, ratio);
    QCOMPARE(image.width(), qRound(320 * ratio));
    const auto at = [&](double x, double y) {
        return image.pixel(static_cast<int>(x * ratio), static_cast<int>(y * ratio));
    };
    QCOMPARE(at(40, 70), qRgb(90, 110, 140));
    QCOMPARE(at(5, 5), rgb(theme.surface));
    QCOMPARE(at(71, 70), rgb(theme.accent));  // inside the stroke
    QCOMPARE(at(90, 70), rgb(theme.surface)); // inside what is stroked
    QCOMPARE(at(140, 70), rgb(seriesColor(theme, 1, 3)));
    QCOMPARE(at(160, 32), rgb(theme.hairline));
    QCOMPARE(at(30, 140), rgb(cividis(0)));
    QCOMPARE(at(290, 104), rgb(cividis(1)));
    QCOMPARE(at(60, 180), rgb(seriesColor(theme, 0, 3)));
    QCOMPARE(at(10, 185), rgb(theme.surface)); // left of the clip
}

void TestQtScenePainter::imagesAreNearest() {
    auto bitmap = std::make_shared<Bitmap>(Bitmap{2, 1, {0, 0, 0, 255, 255, 255, 255, 255}});
    Builder b({0, 0, 100, 10});
    b.image({0, 0, 100, 10}, bitmap);
    const QImage image = paint::qt::toImage(b.take(), kWhite, 1);
    QCOMPARE(image.pixel(49, 5), rgb(kBlack));
    QCOMPARE(image.pixel(50, 5), rgb(kWhite));
}

void TestQtScenePainter::hairlinesAreOnePixel() {
    Builder b({0, 0, 20, 20});
    b.line({5, 2}, {5, 18}, kBlack);
    QCOMPARE(inkOf(paint::qt::toImage(b.take(), kWhite, 1)), QRect(5, 2, 1, 16));
}

void TestQtScenePainter::clipsCut() {
    Builder b({0, 0, 60, 60});
    b.pushClip({10, 12, 20, 8});
    b.fill({0, 0, 60, 60}, kBlack);
    b.polyline({{0, 0}, {60, 60}}, kBlack, 4);
    b.text({0, 0, 60, 60}, "MMMMMMMM", {FontFamily::Ui, 40, FontWeight::Bold}, kBlack);
    b.popClip();
    QCOMPARE(inkOf(paint::qt::toImage(b.take(), kWhite, 1)), QRect(10, 12, 20, 8));
}

void TestQtScenePainter::textIsPlaced_data() {
    QTest::addColumn<Align>("align");
    QTest::newRow("left") << Align::Left;
    QTest::newRow("center") << Align::Center;
    QTest::newRow("right") << Align::Right;
}

void TestQtScenePainter::textIsPlaced() {
    QFETCH(Align, align);
    Builder b({0, 0, 200, 40});
    b.text({20, 10, 160, 20}, "HHH", {}, kBlack, align);
    const QRect ink = inkOf(paint::qt::toImage(b.take(), kWhite, 1));
    QVERIFY(ink.height() >= 8 && ink.height() <= 12);
    QVERIFY2(std::abs(ink.center().y() - 20) <= 2, "capitals stand in the middle of the box");
    const int wanted = align == Align::Left ? 20 : align == Align::Center ? 100 : 180;
    const int actual = align == Align::Left     ? ink.left()
                       : align == Align::Center ? ink.center().x()
                                                : ink.right();
    QVERIFY(std::abs(actual - wanted) <= 3);
}

void TestQtScenePainter::painterStateIsKept() {
    QImage image(100, 100, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.setClipRect(0, 0, 50, 100);
    const QPen pen = painter.pen();
    Builder b({0, 0, 100, 100});
    b.pushClip({0, 0, 100, 20});
    b.fill({0, 0, 100, 100}, kBlack);
    paint::qt::paintScene(painter, b.take());
    QCOMPARE(painter.pen(), pen);
    QCOMPARE(painter.clipBoundingRect(), QRectF(0, 0, 50, 100));
    painter.end();
    QCOMPARE(inkOf(image), QRect(0, 0, 50, 20));
}

QTEST_MAIN(TestQtScenePainter)
#include "tst_qt_scene_painter.moc"
