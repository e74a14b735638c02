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
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaRgb)
#include "tst_media_rgb.moc"
