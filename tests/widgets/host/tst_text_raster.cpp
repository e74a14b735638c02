// SPDX-License-Identifier: MIT
// Lines of text as pictures: size, place, colour, bounds.
#include "widgets/host/text_raster.h"

#include <QTest>

using namespace depthscope;

class TestTextRaster : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lettersAreWhiteWithAlpha();
    void ratioEnlarges();
    void baseLineStandsOnAPixel_data();
    void baseLineStandsOnAPixel();
    void longLinesAreBounded();
    void otherScriptsHaveInk_data();
    void otherScriptsHaveInk();
};

namespace {

scene::TextRun runOf(const QString& text, float size = 13) {
    scene::TextRun run;
    run.text = text.toStdString();
    run.style.size = size;
    return run;
}

QRect inkOf(const QImage& image) {
    QRect ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (qAlpha(image.pixel(x, y)) > 100) {
                ink |= QRect(x, y, 1, 1);
            }
        }
    }
    return ink;
}

} // namespace

void TestTextRaster::lettersAreWhiteWithAlpha() {
    const host::TextPicture picture = host::rasterize(runOf(QStringLiteral("Hamburg")), 1);
    QCOMPARE(picture.image.format(), QImage::Format_RGBA8888);
    QVERIFY(!picture.colored);
    QVERIFY(picture.advance > 40 && picture.advance < 80);
    const QRect ink = inkOf(picture.image);
    QVERIFY(!ink.isEmpty());
    QVERIFY2(picture.image.rect().adjusted(1, 1, -1, -1).contains(ink), "nothing is cut off");
    const QRgb pixel = picture.image.pixel(ink.left() + 1, ink.center().y());
    QCOMPARE(qRed(pixel), qBlue(pixel));
}

void TestTextRaster::ratioEnlarges() {
    const host::TextPicture one = host::rasterize(runOf(QStringLiteral("Hamburg")), 1);
    const host::TextPicture two = host::rasterize(runOf(QStringLiteral("Hamburg")), 2);
    QCOMPARE(one.advance, two.advance);
    QCOMPARE(one.lineHeight, two.lineHeight);
    QVERIFY(std::abs(inkOf(two.image).width() - 2 * inkOf(one.image).width()) <= 4);
}

void TestTextRaster::baseLineStandsOnAPixel_data() {
    QTest::addColumn<float>("ratio");
    QTest::newRow("1") << 1.0F;
    QTest::newRow("1.25") << 1.25F;
    QTest::newRow("2") << 2.0F;
}

// The foot of an H ends sharply: the last inked row is full, the next empty.
void TestTextRaster::baseLineStandsOnAPixel() {
    QFETCH(float, ratio);
    const QImage image = host::rasterize(runOf(QStringLiteral("HHH")), ratio).image;
    const QRect ink = inkOf(image);
    for (int x = 0; x < image.width(); ++x) {
        QVERIFY(qAlpha(image.pixel(x, ink.bottom() + 1)) < 16);
    }
}

void TestTextRaster::longLinesAreBounded() {
    const host::TextPicture picture =
        host::rasterize(runOf(QString(20000, QLatin1Char('m')), 40), 4);
    QVERIFY(picture.image.width() <= 8192);
    QVERIFY(picture.advance > 8192);
}

void TestTextRaster::otherScriptsHaveInk_data() {
    QTest::addColumn<QString>("text");
    QTest::newRow("latin") << QStringLiteral("abc");
    QTest::newRow("arabic") << QString::fromUtf8("\xD8\xB3\xD9\x84\xD8\xA7\xD9\x85");
    QTest::newRow("devanagari") << QString::fromUtf8(
        "\xE0\xA4\xA8\xE0\xA4\xAE\xE0\xA4\xB8\xE0\xA5\x8D\xE0\xA4\xA4\xE0\xA5\x87");
    QTest::newRow("chinese or its box") << QString::fromUtf8("\xE4\xB8\xAD\xE6\x96\x87");
    QTest::newRow("emoji or its box") << QString::fromUtf8("\xF0\x9F\x98\x80");
}

void TestTextRaster::otherScriptsHaveInk() {
    QFETCH(QString, text);
    const host::TextPicture picture = host::rasterize(runOf(text), 2);
    QVERIFY(picture.advance > 0);
    QVERIFY(!inkOf(picture.image).isEmpty());
}

QTEST_MAIN(TestTextRaster)
#include "tst_text_raster.moc"
