// SPDX-License-Identifier: MIT
// RGB is what the ffmpeg program makes with the same matrix, range and flags.
#include "engine/media/png.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "tests/engine/media/clips.h"

#include <QCryptographicHash>
#include <QtTest>

using namespace depthscope;
using namespace depthscope::test;

class TestMediaRgb : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void equalsFfmpeg_data() {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("matrix");
        QTest::addColumn<QString>("range");
        const QString ffv1 = "-frames:v 4 -c:v ffv1 ";
        QTest::newRow("601") << ffv1 + "-pix_fmt yuv420p"
                             << "bt601"
                             << "tv";
        QTest::newRow("601 odd") << "-s 97x65 " + ffv1 + "-pix_fmt yuv420p"
                                 << "bt601"
                                 << "tv";
        QTest::newRow("601, by several threads") << "-s 1281x719 " + ffv1 + "-pix_fmt yuv420p"
                                                 << "bt709"
                                                 << "tv";
        QTest::newRow("10 bit, by several threads")
            << "-s 1280x720 " + ffv1 + "-pix_fmt yuv422p10le -colorspace bt709"
            << "bt709"
            << "tv";
        QTest::newRow("709") << ffv1 + "-pix_fmt yuv422p -colorspace bt709"
                             << "bt709"
                             << "tv";
        QTest::newRow("709 by height") << "-s 64x720 " + ffv1 + "-pix_fmt yuv420p"
                                       << "bt709"
                                       << "tv";
        QTest::newRow("2020, 10 bit") << ffv1 + "-pix_fmt yuv420p10le -colorspace bt2020nc"
                                      << "bt2020"
                                      << "tv";
        QTest::newRow("10 bit") << ffv1 + "-pix_fmt yuv444p10le"
                                << "bt601"
                                << "tv";
        QTest::newRow("full range") << "-frames:v 4 -c:v mjpeg -q:v 3 -pix_fmt yuvj420p"
                                    << "bt601"
                                    << "pc";
        QTest::newRow("grey") << ffv1 + "-pix_fmt gray"
                              << "bt601"
                              << "tv";
        QTest::newRow("rgb") << ffv1 + "-pix_fmt bgr0"
                             << "bt601"
                             << "pc";
        QTest::newRow("palette") << "-frames:v 4 -c:v rawvideo -pix_fmt pal8"
                                 << "bt601"
                                 << "pc";
    }

    void equalsFfmpeg() {
        QFETCH(QString, words);
        QFETCH(QString, matrix);
        QFETCH(QString, range);
        const QString name = words.contains("rawvideo") ? "clip.nut" : "clip.mkv";
        QVERIFY(m_clips.make(name, words));
        const QString filter =
            QStringLiteral("scale=in_color_matrix=%1:in_range=%2:"
                           "flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=rgb24")
                .arg(matrix, range);
        const std::vector<std::string> wanted = m_clips.frameMd5(name, filter);
        QCOMPARE(std::ssize(wanted), 4);
        media::Reader reader(m_clips.file(name));
        media::RgbConverter converter;
        for (std::int64_t n = 0; n < 4; ++n) {
            const media::RgbImage image = converter.convert(reader.frame(n));
            QCryptographicHash hash(QCryptographicHash::Md5);
            hash.addData(QByteArrayView(reinterpret_cast<const char*>(image.bytes.data()),
                                        std::ssize(image.bytes)));
            QCOMPARE(hash.result().toHex().toStdString(), wanted[static_cast<std::size_t>(n)]);
        }
    }

    /// A quick picture is the same one, a little rougher, and no larger than its room.
    void quickIsNear() {
        QVERIFY(m_clips.make("large.mkv", "-s 640x480 -frames:v 1 -c:v ffv1 -pix_fmt yuv420p"));
        const trace::Frame frame = media::Reader(m_clips.file("large.mkv")).frame(0);
        media::RgbConverter converter;
        const media::RgbImage exact = converter.convert(frame);
        const media::RgbImage quick = converter.convertQuickly(frame, {});
        QCOMPARE(quick.bytes.size(), exact.bytes.size());
        double sum = 0;
        for (std::size_t i = 0; i < exact.bytes.size(); ++i) {
            const double distance = int{exact.bytes[i]} - int{quick.bytes[i]};
            sum += distance * distance;
        }
        const double meanSquare = sum / static_cast<double>(exact.bytes.size());
        QVERIFY2(meanSquare < kMostMeanSquare, qPrintable(QString::number(meanSquare)));
        const media::RgbImage small = converter.convertQuickly(frame, {200, 150});
        QCOMPARE(small.width, 200);
        QCOMPARE(small.height, 150);
        QCOMPARE(small.bytes.size(), std::size_t{200 * 150 * 3});
        const media::RgbImage large = converter.convertQuickly(frame, {4000, 3000});
        QCOMPARE(large.bytes, quick.bytes); // never larger than the frame
        QCOMPARE(converter.convert(frame).bytes, exact.bytes);
    }

    void pngIsTheSamePicture() {
        QVERIFY(m_clips.make("odd.mkv", "-s 97x65 -frames:v 1 -c:v ffv1 -pix_fmt yuv420p"));
        const media::RgbImage image =
            media::RgbConverter().convert(media::Reader(m_clips.file("odd.mkv")).frame(0));
        media::writePng(m_clips.file("odd.png"), image);
        const trace::Frame back = media::Reader(m_clips.file("odd.png")).frame(0);
        QCOMPARE(back.pixelFormat, std::string("rgb24"));
        QCOMPARE(media::RgbConverter().convert(back).bytes, image.bytes);
    }

private:
    /// 30 dB: the hard colour edges of the test picture differ, where chroma is not interpolated.
    static constexpr double kMostMeanSquare = 65;

    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaRgb)
#include "tst_media_rgb.moc"
